/**
 * What a camera's program may write at its worst: frames that stand, repeat, jump, lie or end in the middle, of any size, between
 * any bytes, cut anywhere. From the stream to the shots, nothing may end and nothing may come out that the wire would refuse.
 */
import {
  defaultLineGeometry,
  defaultRecipe,
  encodeFrameHeader,
  type Frame,
  FrameDecoder,
  frameHeaderBytes,
  LineBackground,
  locateFruit,
} from '@pomona/grading';
import { encode, type Random, randomInt, seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import { CameraHealth } from '../domain/camera-health.ts';
import type { Shot } from '../domain/gate.ts';
import { GateSchedule } from '../domain/gate-schedule.ts';
import type { GradedFruit } from '../domain/line-messages.ts';
import { renderFrame, standInFruits } from '../testing/stand-in-line.ts';
import { GradeLine } from './grade-line.ts';

/** A few in each test run; POMONA_FRAME_SEQUENCES=10000 for all of them. */
const sequences = Number(process.env.POMONA_FRAME_SEQUENCES ?? 40);
const firstSeed = Number(process.env.POMONA_FRAME_SEED ?? 1);
const eventsMax = 40;
const geometry = { ...defaultLineGeometry, frameWidthPx: 128, frameHeightPx: 80, mmPerPx: 3 };
const labels = ['good', 'ok', 'bad'];
/** Of every second life. */
const colours = { whiteBalance: 'grey-surroundings', contrast: 'equalised' } as const;
const boot = '00000000000000aa';

/** The bytes of one camera's life. */
function streamOf(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  const fruits = standInFruits(2, 6, 100 + randomInt(random, 100), randomInt(random, 300));
  const at = { seq: 0, capturedAtMs: randomInt(random, 1e6), encoderMm: 0 };
  const write = (frame: Frame): void => {
    parts.push(encodeFrameHeader(frame), frame.data);
  };
  let last = renderFrame(geometry, fruits, at);
  // Without a belt that was learned there is no fruit to go wrong with.
  for (let i = 15; i > 0; i--) write(renderFrame(geometry, [], { ...at, seq: at.seq++, encoderMm: -27 * i }));
  for (let event = randomInt(random, eventsMax); event >= 0; event--) {
    at.seq++;
    at.capturedAtMs += 20 + randomInt(random, 100);
    at.encoderMm += randomInt(random, 45);
    switch (randomInt(random, 16)) {
      case 0:
        write(last);
        break;
      case 1:
        at.capturedAtMs += randomInt(random, 20_000);
        break;
      case 2:
        at.encoderMm = randomInt(random, 2) === 0 ? 0 : at.encoderMm + randomInt(random, 1e6);
        break;
      case 3:
        parts.push(bytes(random, 1 + randomInt(random, 300)));
        break;
      case 4:
        parts.push(encodeFrameHeader(last), last.data.subarray(0, randomInt(random, last.data.length)));
        break;
      case 5: {
        const [width, height] = [1 + randomInt(random, 200), 1 + randomInt(random, 100)];
        write({ ...last, width, height, data: bytes(random, width * height * 3) });
        break;
      }
      case 6: {
        const header = encodeFrameHeader(last);
        header[randomInt(random, frameHeaderBytes)] = randomInt(random, 256);
        parts.push(header, last.data);
        break;
      }
      case 7: {
        const wild = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -1, 2 ** 53, 1e12];
        const [capturedAtMs, encoderMm] = [wild[randomInt(random, 6)]!, wild[randomInt(random, 6)]!];
        write({ ...last, ...(randomInt(random, 2) === 0 ? { capturedAtMs } : { encoderMm }) });
        break;
      }
      case 8:
        write({ ...last, data: last.data.map(() => randomInt(random, 256)) });
        break;
      case 9:
        write({ ...last, data: new Uint8Array(last.data.length).fill(randomInt(random, 2) * 255) });
        break;
      default:
        last = renderFrame(geometry, fruits, at);
        write(last);
    }
  }
  return Buffer.concat(parts);
}

function bytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => randomInt(random, 256));
}

async function live(seed: number): Promise<{ frames: number; fruits: number }> {
  const random = seededRandom(seed, 'frames');
  let nowMs = 0;
  const graded: GradedFruit[] = [];
  const shots: Shot[] = [];
  const schedule = new GateSchedule([{ gate: 1, lagMs: 10, pulseMs: 50 }], geometry.gateDistanceMm);
  const health = new CameraHealth(geometry);
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  const line = new GradeLine(
    { boot, geometry, gateLeadMs: 40 },
    {
      clock: { nowMs: () => 1_700_000_000_000 + nowMs, monotonicMs: () => nowMs },
      outbox: { nextSeq: () => graded.length, append: ({ value }) => graded.push(value as GradedFruit) > 0 },
      gate: {
        shoot: (shot) => {
          shots.push(shot);
          schedule.add(shot, nowMs);
        },
        observe: (encoderMm, capturedAtMs) => schedule.observe(encoderMm, capturedAtMs),
      },
      locate: (frame) => locateFruit(frame, background, geometry),
      onTrouble: (code, message) => {
        throw new Error(`${code}: ${message}`);
      },
    },
  );
  const size = 8;
  const crops = new Uint8Array(32 * size * size * 3);
  line.use(
    {
      ref: { name: 'tiny', version: 1, digest: 'a'.repeat(64) },
      modelFile: '',
      variant: 'fp32',
      labels,
      inputSize: size,
      ...(seed % 2 === 0 ? { standardise: colours } : {}),
    },
    {
      labels,
      inputSize: size,
      capacity: 32,
      crops,
      run: async (count) => Float32Array.from({ length: count * 3 }, (_, i) => (i % 3 === 1 ? 0.8 : 0.1)),
      release: async () => undefined,
    },
    defaultRecipe(labels),
  );
  health.started(0);
  const decoder = new FrameDecoder({ payloadBytesMax: 100_000 });
  const frames: Frame[] = [];
  const stream = streamOf(random);
  for (let at = 0; at < stream.length; ) {
    const take = 1 + randomInt(random, 20_000);
    decoder.push(stream.subarray(at, at + take), (frame) => frames.push(frame));
    at += take;
    for (const frame of frames.splice(0)) {
      // As `CameraProcess` does with it.
      if (frame.width !== geometry.frameWidthPx || frame.height !== geometry.frameHeightPx) continue;
      nowMs += randomInt(random, 300);
      await line.grade(frame);
      health.look(frame, nowMs);
      schedule.step(nowMs);
    }
  }
  const { release: _, recent: __, ...figures } = line.figures(0);
  for (const value of [...Object.values(figures.latencyMs), figures.framesPerSecond])
    expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(0);
  for (const { shift, ...each } of [{ shift: 0, ...health.state(nowMs)! }])
    expect(Number.isFinite(shift) && each.faults.length <= 7, `seed ${seed}`).toBe(true);
  if (graded.length > 0) {
    const [first] = graded;
    const fruits = graded.map(({ fruit }) => fruit);
    const { release, recipeVersion } = first!;
    encode('grades', { v: 1, boot, seq: 0, at: first!.fruit.at, release, recipeVersion, labels, fruits });
  }
  for (const shot of shots)
    expect(graded[shot.seq]?.fruit, `seed ${seed}`).toMatchObject({ gate: shot.gate });
  return { frames: decoder.framesRead, fruits: graded.length };
}

it(
  `survives ${sequences} random lives of a camera, from seed ${firstSeed}`,
  async () => {
    let [frames, fruits] = [0, 0];
    for (let seed = firstSeed; seed < firstSeed + sequences; seed++) {
      try {
        const lived = await live(seed);
        frames += lived.frames;
        fruits += lived.fruits;
      } catch (error) {
        throw new Error(`POMONA_FRAME_SEED=${seed} POMONA_FRAME_SEQUENCES=1`, { cause: error });
      }
    }
    expect(frames).toBeGreaterThan(10 * sequences);
    expect(fruits).toBeGreaterThan(sequences / 2);
  },
  60_000 + 100 * sequences,
);
