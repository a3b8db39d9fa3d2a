import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import { castRays, connectCells, cropOutline, frameBuffer, markCells, residentNumbers } from './kernel.ts';
import { compileKernel } from './testing/compile-kernel.ts';

const size = fc.record({ width: fc.integer({ min: 32, max: 90 }), height: fc.integer({ min: 4, max: 30 }) });
/** Pixels and bounds that lie about each other, so that every comparison goes both ways. */
const scene = fc.record({ size, seed: fc.integer(), spread: fc.integer({ min: 1, max: 600 }) });

describe('the kernel', () => {
  it('is what its sources compile to', async () => {
    await expect(await compileKernel()).toMatchFileSnapshot('kernel.gen.ts');
  }, 30_000);

  it('marks and sums cells as one does by hand', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, bounds } = sceneOf(drawn);
        const { marks, sums, count } = markCells(frame, bounds);
        const expected = markByHand(frame, bounds);
        expect([...marks]).toEqual(expected.marks);
        expect([...sums]).toEqual(expected.sums);
        expect(count).toBe(expected.marks.reduce((sum, mark) => sum + mark, 0));
      }),
    );
  });

  it('joins cells to the components that they are', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, bounds } = sceneOf(drawn);
        const marked = markCells(frame, bounds);
        const expected = connectByHand([...marked.marks], frame.width >> 2);
        expect([...connectCells(marked)]).toEqual(expected.flat());
        expect(marked.marks.every((mark) => mark === 0)).toBe(true);
      }),
    );
  });

  it('sees the same in a frame that lies in its memory as in one that was copied there', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, bounds } = sceneOf(drawn);
        const data = frameBuffer(frame.data.length);
        const limits = residentNumbers(bounds.length);
        data.set(frame.data);
        limits.set(bounds);
        expect(all({ ...frame, data }, limits)).toEqual(all(frame, bounds));
      }),
    );
  });

  it('refuses bounds of another size and frames that are narrower than its vectors', () => {
    const frame = frameOf(40, 8, () => 0);
    expect(() => markCells(frame, new Int16Array(5))).toThrow(RangeError);
    expect(() =>
      markCells(
        frameOf(31, 8, () => 0),
        new Int16Array(7 * 2 * 5),
      ),
    ).toThrow(RangeError);
  });

  it('hands out ordinary memory when its own is used up', () => {
    const large = [0, 1, 2].map(() => frameBuffer(30 * 2 ** 20));
    expect(new Set(large.map((data) => data.buffer)).size).toBeGreaterThan(1);
    expect(large.map((data) => data.length)).toEqual(large.map(() => 30 * 2 ** 20));
  });
});

function all(frame: Frame, bounds: Int16Array) {
  const marked = markCells(frame, bounds);
  const marks = [...marked.marks];
  const x = frame.width / 2;
  const y = frame.height / 2;
  const radii = [...castRays(x, y, x + 5, y + 5, 64)];
  const crop = new Uint8Array(16 * 16 * 3);
  cropOutline(frame, x, y, new Float32Array(64).fill(y), 1.3, 16, crop, 0);
  return { marks, radii, crop };
}

function sceneOf({
  size: { width, height },
  seed,
  spread,
}: typeof scene extends fc.Arbitrary<infer T> ? T : never) {
  const noise = (i: number) => (Math.imul(i + seed, 2_654_435_761) >>> 16) & 255;
  const frame = frameOf(width, height, noise);
  const cells = (width >> 2) * (height >> 2);
  const bounds = Int16Array.from({ length: 5 * cells }, (_, i) => {
    const about = [700, -spread, spread, -spread, spread][Math.floor(i / cells)]!;
    return about + noise(i * 7 + 3) - 128;
  });
  return { frame, bounds };
}

function frameOf(width: number, height: number, at: (i: number) => number): Frame {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => at(i));
  return { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
}

function markByHand({ width, height, data }: Frame, bounds: Int16Array) {
  const columns = width >> 2;
  const cells = columns * (height >> 2);
  const marks: number[] = [];
  const sums: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const left = (cell % columns) * 4;
    const top = Math.floor(cell / columns) * 4;
    const sum = (c: number) =>
      [0, 2, 3, 1].reduce((all, x, y) => all + data[((top + y) * width + left + x) * 3 + c]!, 0);
    const [r, g, b] = [sum(0), sum(1), sum(2)];
    const limit = (k: number) => bounds[k * cells + cell]!;
    const warm = r - b;
    const green = g - ((r + b) >> 1);
    const isFruit =
      (r + 2 * g + b) >> 2 > limit(0) ||
      warm < limit(1) ||
      warm > limit(2) ||
      green < limit(3) ||
      green > limit(4);
    marks.push(isFruit ? 1 : 0);
    sums.push(r, g, b, 0);
  }
  return { marks, sums };
}

function connectByHand(marks: number[], columns: number): number[][] {
  const found: number[][] = [];
  for (let start = 0; start < marks.length; start++) {
    const component = [columns, marks.length, 0, 0, 0];
    const grow = (cell: number): void => {
      if (marks[cell] !== 1) return;
      marks[cell] = 0;
      const x = cell % columns;
      const y = Math.floor(cell / columns);
      const [left = 0, top = 0, right = 0, bottom = 0, count = 0] = component;
      const bounds = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x),
        Math.max(bottom, y),
        count + 1,
      ];
      component.splice(0, 5, ...bounds);
      if (x > 0) grow(cell - 1);
      if (x < columns - 1) grow(cell + 1);
      grow(cell - columns);
      grow(cell + columns);
    };
    grow(start);
    if (component[4]! > 0) found.push(component);
  }
  return found;
}
