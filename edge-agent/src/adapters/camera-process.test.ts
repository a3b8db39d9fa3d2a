import { fileURLToPath } from 'node:url';
import { defaultLineGeometry, type Frame } from '@pomona/grading';
import { seededRandom, systemClock } from '@pomona/wire';
import { afterEach, describe, expect, it } from 'vitest';
import type { StandInCamera } from '../testing/stand-in-camera.ts';
import { CameraProcess, type CameraProcessOptions } from './camera-process.ts';

const program = fileURLToPath(new URL('../../dist/testing/stand-in-camera.js', import.meta.url));
const patience = { timeout: 20_000, interval: 10 };
const geometry = { ...defaultLineGeometry, frameWidthPx: 80, frameHeightPx: 40 };

/** A camera with a record of what it said. */
class Bench {
  readonly states: string[] = [];
  readonly troubles: string[] = [];
  readonly camera: CameraProcess;

  constructor(camera: Partial<StandInCamera>, options: Partial<CameraProcessOptions> = {}) {
    const stand: StandInCamera = { geometry, fruits: [], framesPerSecond: 200, stepMm: 10, ...camera };
    this.camera = new CameraProcess({
      source: { command: process.execPath, args: [program, JSON.stringify(stand)] },
      frameWidthPx: 80,
      frameHeightPx: 40,
      random: seededRandom(1),
      clock: systemClock,
      restartFirstMs: 5,
      restartMaxMs: 20,
      queueFramesMax: 1000,
      onState: (state, detail) => this.states.push(`${state}: ${detail}`),
      onTrouble: (code, message) => this.troubles.push(`${code}: ${message}`),
      ...options,
    });
    open.push(this.camera);
  }

  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push((await this.camera.next())!);
    return frames;
  }
}

const open: CameraProcess[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((camera) => camera.stop()));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('CameraProcess', () => {
  it('hands out the frames of its program in order', async () => {
    const bench = new Bench({});
    bench.camera.start();
    const frames = await bench.take(5);
    expect(frames.map((frame) => frame.seq)).toEqual([0, 1, 2, 3, 4]);
    expect(frames[3]).toMatchObject({ width: 80, height: 40, encoderMm: 30 });
    expect(frames[3]!.data.length).toBe(80 * 40 * 3);
    expect(bench.states).toEqual(['running: 80 x 40']);
  });

  it('starts the program again when it ends, and says why it ended', async () => {
    const bench = new Bench({ frames: 3, exitCode: 7, endsTorn: true });
    bench.camera.start();
    const frames = await bench.take(7);
    expect(frames.map((frame) => frame.seq)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(bench.states[1]).toMatch(/^stopped: .* ended with code 7$/);
    expect(bench.states[2]).toBe('running: 80 x 40');
  });

  it('begins the belt’s count far lower when a program that was started again counts from zero', async () => {
    const bench = new Bench({ frames: 3, exitCode: 7 });
    bench.camera.start();
    const frames = await bench.take(7);
    expect(frames.map(({ encoderMm }) => encoderMm)).toEqual([0, 10, 20, -1_000, -990, -980, -2_000]);
  });

  it('leaves the belt’s count as it is when that is far lower already', async () => {
    const bench = new Bench({ frames: 3, exitCode: 7, stepMm: 400 });
    bench.camera.start();
    const frames = await bench.take(5);
    expect(frames.map(({ encoderMm }) => encoderMm)).toEqual([0, 400, 800, 0, 400]);
  });

  it('goes on with the belt’s count where a program that was started again reads a little less', async () => {
    const bench = new Bench({ frames: 3, exitCode: 7, stepMm: 2 });
    bench.camera.start();
    const frames = await bench.take(7);
    expect(frames.map(({ encoderMm }) => encoderMm)).toEqual([0, 2, 4, 0, 2, 4, 0]);
  });

  it('says that a program does not exist, and tries again', async () => {
    const bench = new Bench({}, { source: { command: '/no/such/camera', args: [] } });
    bench.camera.start();
    await expect.poll(() => bench.states.length, patience).toBeGreaterThanOrEqual(3);
    expect(bench.states[0]).toContain('/no/such/camera did not start');
  });

  it('says of a program that writes no frame at all that it writes something else', async () => {
    const babble = ['-e', 'process.stdout.write("x".repeat(9_999)); setInterval(() => {}, 1e6)'];
    const source = { command: process.execPath, args: babble };
    const bench = new Bench({}, { source, startMs: 3_000 });
    bench.camera.start();
    await expect.poll(() => bench.states.length, patience).toBeGreaterThanOrEqual(1);
    expect(bench.states[0]).toBe('stopped: no frame for 3000 ms, and what it writes is none');
  });

  it('skips garbage between frames and says so once', async () => {
    const bench = new Bench({ garbageEvery: 3 });
    bench.camera.start();
    const frames = await bench.take(20);
    expect(frames.map((frame) => frame.seq)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(bench.troubles).toEqual(['camera-garbage: bytes that belong to no frame were skipped']);
  });

  it('passes each cause on its standard error on once', async () => {
    const stderr =
      'lens 17 is dirty\nlens 18 is dirty\n\nsensor is warm\n[in#0 @ 0x5643d2] refused\n[in#0 @ 0x55dfa] refused\n';
    const bench = new Bench({ stderr, frames: 3 });
    bench.camera.start();
    await bench.take(7);
    expect(bench.troubles).toEqual([
      'camera-stderr: lens 17 is dirty',
      'camera-stderr: sensor is warm',
      'camera-stderr: [in#0] refused',
    ]);
  });

  it('says of a program that babbles that it does, hears of other trouble still, and of the same again after an hour', async () => {
    // Digits do not make another cause.
    const words = Array.from({ length: 40 }, (_, i) => `camera says ${'x'.repeat(i + 1)}\n`).join('');
    let aheadMs = 0;
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
    const bench = new Bench({ stderr: words, garbageEvery: 3, frames: 20, exitCode: 1 }, { clock });
    bench.camera.start();
    const of = (code: string) => bench.troubles.filter((each) => each.startsWith(`${code}:`)).length;
    await bench.take(50);
    expect(of('camera-stderr')).toBe(33);
    expect(bench.troubles).toContain(
      'camera-stderr: it says more than 32 things; the rest of this hour is left out',
    );
    expect(of('camera-garbage')).toBe(1);
    aheadMs = 3_600_000;
    await bench.take(60);
    expect([of('camera-stderr'), of('camera-garbage')]).toEqual([66, 2]);
  });

  it('says nothing of the name and password of its address, also where a long line is cut', async () => {
    const long = `${'x'.repeat(280)} rtsp://eye:p@ss@10.0.0.9/live is away`;
    const bench = new Bench({
      stderr: `rtsp://eye:p@ss@10.0.0.9/live: refused\n${long}\n`,
      exitCode: 1,
      frames: 0,
    });
    bench.camera.start();
    await expect.poll(() => bench.troubles.length, patience).toBe(2);
    await expect.poll(() => bench.states.length, patience).toBeGreaterThan(0);
    const said = [...bench.troubles, ...bench.states].join('\n');
    expect(said).toContain('rtsp://10.0.0.9/live: refused');
    expect(said).not.toMatch(/eye|p@|ss@/);
  });

  it('drops the oldest frames when nobody takes them, and counts them', async () => {
    const bench = new Bench(
      { frames: 12, framesPerSecond: 1000 },
      { queueFramesMax: 3, restartFirstMs: 60_000, restartMaxMs: 60_000 },
    );
    bench.camera.start();
    await expect.poll(() => bench.states.length, patience).toBe(2);
    expect(bench.camera.droppedFrames).toBe(9);
    expect((await bench.take(3)).map((frame) => frame.seq)).toEqual([9, 10, 11]);
  });

  it('refuses frames of another size and starts the program again', async () => {
    const bench = new Bench({ geometry: { ...geometry, frameWidthPx: 96 } });
    bench.camera.start();
    await expect.poll(() => bench.states.length, patience).toBeGreaterThanOrEqual(2);
    expect(bench.states[0]).toBe('stopped: the camera sends 96 x 40 pixels, the line is set up for 80 x 40');
  });

  it('starts a program again that hangs, and waits longer for one that goes on hanging', async () => {
    const bench = new Bench({ hangAfter: 2 }, { silenceMs: 100 });
    bench.camera.start();
    const frames = await bench.take(9);
    expect(frames.map((frame) => frame.seq)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
    expect(bench.states.filter((state) => state.startsWith('stopped'))).toEqual(
      [100, 200, 400, 400].map((ms) => `stopped: no frame for ${ms} ms`),
    );
  });

  it('starts its program again when it is asked to, and says why', async () => {
    const bench = new Bench({ framesPerSecond: 50 });
    bench.camera.start();
    bench.camera.restart('it froze');
    await expect.poll(() => bench.states, patience).toContain('stopped: it froze');
    await expect.poll(() => bench.states.at(-1), patience).toBe('running: 80 x 40');
  });

  it('is gone when stop returns, also when the program does not want to end', async () => {
    const bench = new Bench({ ignoresTerm: true }, { killAfterMs: 50 });
    bench.camera.start();
    await bench.take(1);
    const pid = bench.camera.pid!;
    expect(isAlive(pid)).toBe(true);
    await bench.camera.stop();
    await bench.camera.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await bench.camera.next()).toBeUndefined();
    expect(bench.states.at(-1)).toMatch(/SIGKILL/);
  });

  it('uses the pixels of frames that were given back', async () => {
    const bench = new Bench({}, { queueFramesMax: 3 });
    bench.camera.start();
    const buffers = new Set<Uint8Array>();
    for (let i = 0; i < 40; i++) {
      const [frame] = await bench.take(1);
      buffers.add(frame!.data);
      bench.camera.recycle(frame!);
    }
    expect(buffers.size).toBeLessThanOrEqual(5);
  });
});
