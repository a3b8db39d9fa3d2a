import type { Frame } from '@pomona/grading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawStream } from './camera-source.ts';
import { RawFrames } from './raw-frames.ts';

const [widthPx, heightPx] = [5, 3];
const rgb: RawStream = {
  pixels: { format: 'rgb24', rowBytes: 16, rows: 3 },
  beltMmPerS: 300,
  latencyMs: 40,
};
const yuv: RawStream = {
  ...rgb,
  pixels: {
    format: 'yuv420',
    rowBytes: 64,
    rows: 4,
    askedWidthPx: 6,
    colours: { matrix: 'bt601', range: 'full' },
  },
};

function bench(raw: RawStream) {
  const frames: Frame[] = [];
  const now = { ms: 1_000 };
  const decoder = new RawFrames({
    raw,
    widthPx,
    heightPx,
    monotonicMs: () => now.ms,
    allocate: (bytes) => new Uint8Array(bytes),
  });
  const push = (bytes: Uint8Array): void => decoder.push(bytes, (frame) => frames.push(frame));
  return { frames, now, decoder, push };
}

/** Frame `n` has its number in every byte, and 255 where rows are padded. */
function rgbBytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 48 }, (_, i) => (i % 16 === 15 ? 255 : Math.floor(i / 48)));
}

describe('RawFrames', () => {
  it('gives the same frames wherever the stream is cut, without the padding of their rows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (cuts) => {
        const { frames, push } = bench(rgb);
        const bytes = rgbBytes(7);
        for (let at = 0, i = 0; at < bytes.length; at += cuts[i++ % cuts.length]!)
          push(bytes.subarray(at, at + cuts[i % cuts.length]!));
        expect(frames.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        frames.forEach(({ data, width, height }, n) => {
          expect({ width, height }).toEqual({ width: 5, height: 3 });
          expect(data).toEqual(new Uint8Array(45).fill(n));
        });
      }),
    );
  });

  it('takes a frame for exposed before its first byte came, and the belt for moving on since', () => {
    const { frames, now, push } = bench(rgb);
    const bytes = rgbBytes(2);
    push(bytes.subarray(0, 10));
    now.ms += 15;
    push(bytes.subarray(10, 48));
    now.ms += 85;
    push(bytes.subarray(48));
    expect(frames.map(({ capturedAtMs, encoderMm }) => [capturedAtMs, encoderMm])).toEqual([
      [960, 0],
      [1060, 30],
    ]);
  });

  it('forgets the half of a frame that a program left behind, and not how far the belt is', () => {
    const { frames, now, push, decoder } = bench(rgb);
    push(rgbBytes(1));
    push(new Uint8Array(20).fill(9));
    decoder.reset();
    now.ms += 1_000;
    push(rgbBytes(1));
    expect(decoder.bytesSkipped).toBe(20);
    expect(frames[1]).toMatchObject({ seq: 1, encoderMm: 300 });
    expect(frames[1]!.data).toEqual(new Uint8Array(45));
  });

  it.each([
    ['nothing of colours, as older releases', '', [150, 150, 150]],
    ['sYCC', '/sYCC', [150, 150, 150]],
    ['limited range', '/SMPTE170M', [156, 156, 156]],
    ['limited range', '/Rec709', [156, 156, 156]],
    ['a space without a name', '/Rec709/sRGB/Rec601/Limited', [156, 156, 156]],
  ])('believes what libcamera says: %s', (_, space, expected) => {
    const { frames, push, decoder } = bench(yuv);
    const said = `[1:2.3] [7] INFO Camera camera.cpp:1202 configuring streams: (0) 6x4-YUV420${space} (1) 9x9-BGGR_PISP_COMP1/RAW`;
    expect(decoder.hear(said)).toBeUndefined();
    push(new Uint8Array(64 * 4).fill(150));
    push(new Uint8Array(64 * 2).fill(128));
    expect([...frames[0]!.data.slice(0, 3)]).toEqual(expected);
  });

  it('tells of another size than was asked for, and of colours that it does not know', () => {
    const { decoder } = bench(yuv);
    const say = (stream: string) => decoder.hear(`INFO Camera configuring streams: (0) ${stream}`);
    expect(say('640x480-YUV420/sYCC')).toEqual({
      cause: 'wrong-size',
      message: 'the camera gives 640 x 480 pixels where 6 x 4 were asked for',
    });
    expect(say('6x4-YUV420/Rec2020')).toMatchObject({ cause: 'unknown-colours' });
    expect(decoder.hear('ERROR: *** no cameras available ***')).toBeUndefined();
  });
});
