import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import {
  type BeltModel,
  beltModel,
  boundCells,
  castRays,
  components,
  connectCells,
  cropOutline,
  followBelt,
  markCells,
  sumCells,
  sumColours,
} from './kernel.ts';
import { frameBuffer } from './kernel-memory.ts';
import { compileKernel } from './testing/compile-kernel.ts';

const size = fc.record({ width: fc.integer({ min: 32, max: 300 }), height: fc.integer({ min: 4, max: 30 }) });
/** Pixels and bounds that lie about each other, so that every comparison goes both ways. */
const scene = fc.record({ size, seed: fc.integer(), spread: fc.integer({ min: 1, max: 600 }) });

describe('the kernel', () => {
  it('is what its sources compile to', async () => {
    await expect(await compileKernel()).toMatchFileSnapshot('kernel.gen.ts');
  }, 120_000);

  it('marks and sums cells as one does by hand', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, belt } = sceneOf(drawn);
        const { bits, count } = markCells(frame, belt);
        const expected = markByHand(frame, belt);
        expect(cellsOf(bits, frame)).toEqual(expected.marks);
        expect([...sumCells()]).toEqual(expected.sums);
        expect(count).toBe(expected.marks.reduce((sum, mark) => sum + mark, 0));
      }),
    );
  });

  it('joins cells to the components that they are', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, belt } = sceneOf(drawn);
        const marks = cellsOf(markCells(frame, belt).bits, frame);
        const expected = connectByHand(marks, frame.width >> 2);
        expect(connectCells()).toBe(expected.length);
        expect([...components.subarray(0, 5 * expected.length)]).toEqual(expected.flat());
      }),
    );
  });

  it('follows the belt where it is seen in every fifth row of cells, as one does by hand', () => {
    fc.assert(
      fc.property(scene, fc.nat(4), (drawn, turn) => {
        const { frame, belt } = sceneOf(drawn);
        const [means, spreads] = [[...belt.means], [...belt.spreads]];
        const { marks, sums } = markByHand(frame, belt);
        markCells(frame, belt);
        const found = { cells: 0, red: 0, green: 0, blue: 0 };
        const least = [26, 11, 8];
        followBelt(belt, turn, 5, least, found);
        const expected = { cells: 0, red: 0, green: 0, blue: 0 };
        marks.forEach((mark, cell) => {
          if (mark === 1 || Math.floor(cell / (frame.width >> 2)) % 5 !== turn) return;
          const [r = 0, g = 0, b = 0] = sums.slice(4 * cell);
          expected.cells++;
          expected.red += r;
          expected.green += g;
          expected.blue += b;
          [(r + 2 * g + b) >> 2, r - b, g - ((r + b) >> 1)].forEach((figure, k) => {
            const at = k * marks.length + cell;
            // Of a colour no more than one and a half spreads at once.
            const most = k === 0 ? Number.POSITIVE_INFINITY : 1.5 * spreads[at]!;
            const off = Math.max(-most, Math.min(most, figure - means[at]!));
            means[at]! += 0.08 * off;
            const wider = 1.25 * Math.abs(off) - spreads[at]!;
            spreads[at] = Math.max(spreads[at]! + 0.08 * wider, least[k]!);
          });
        });
        expect(found).toEqual(expected);
        const farthest = (from: Float32Array, to: readonly number[]) =>
          from.reduce((most, each, i) => Math.max(most, Math.abs(each - to[i]!)), 0);
        expect(farthest(belt.means, means)).toBeLessThan(1e-3);
        expect(farthest(belt.spreads, spreads)).toBeLessThan(1e-3);
        expect([...belt.bounds]).toEqual(boundsByHand(frame, belt));
      }),
    );
  });

  it('sees the same in a frame that lies in its memory as in one that was copied there', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, belt } = sceneOf(drawn);
        const data = frameBuffer(frame.data.length);
        data.set(frame.data);
        const elsewhere = beltModel(belt.bounds.length / 5, new Int16Array(belt.numbers));
        expect(all({ ...frame, data }, belt)).toEqual(all(frame, elsewhere));
        expect(elsewhere.numbers).toEqual(belt.numbers);
      }),
    );
  });

  it('finds the edge of fruit along a ray as one does by hand', () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { frame, belt } = sceneOf(drawn);
        markCells(frame, belt);
        const x = frame.width / 3;
        const y = frame.height / 2;
        const found = [...castRays({ x, y, reachX: x, reachY: y }, 16)];
        expect(found).toEqual(found.map((_, i) => castByHand(frame, belt, x, y, (2 * Math.PI * i) / 16)));
      }),
    );
  });

  it('sums the colours of every fourth pixel, wherever it lies', () => {
    const pixels = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => bytes.map((byte) => (byte < 128 ? 0 : byte)));
    fc.assert(
      fc.property(pixels, fc.nat(5), (crop, offset) => {
        const count = Math.floor(Math.max(0, crop.length - offset) / 3);
        const expected = [0, 0, 0, 0];
        for (let at = offset; at < offset + count * 3; at += 12) {
          const [red = 0, green = 0, blue = 0] = crop.subarray(at);
          const isSkin = red + green + blue > 0 ? 1 : 0;
          for (const [k, each] of [red, green, blue, isSkin].entries()) expected[k]! += each;
        }
        const resident = frameBuffer(crop.length);
        resident.set(crop);
        expect([...sumColours(crop, offset, count)]).toEqual(expected);
        expect([...sumColours(resident, offset, count)]).toEqual(expected);
      }),
    );
  });

  it('refuses bounds of another size and frames that are narrower than its vectors', () => {
    const frame = frameOf(40, 8, () => 0);
    expect(() => markCells(frame, beltModel(1))).toThrow(RangeError);
    expect(() =>
      markCells(
        frameOf(31, 8, () => 0),
        beltModel(7 * 2),
      ),
    ).toThrow(RangeError);
  });

  it('hands out ordinary memory when its own is used up', () => {
    const large = [0, 1, 2].map(() => frameBuffer(30 * 2 ** 20));
    expect(new Set(large.map((data) => data.buffer)).size).toBeGreaterThan(1);
    expect(large.map((data) => data.length)).toEqual(large.map(() => 30 * 2 ** 20));
  });
});

function all(frame: Frame, belt: BeltModel) {
  markCells(frame, belt);
  const sums = { cells: 0, red: 0, green: 0, blue: 0 };
  followBelt(belt, 1, 2, [9, 8, 7], sums);
  const marks = cellsOf(markCells(frame, belt).bits, frame);
  const x = frame.width / 2;
  const y = frame.height / 2;
  const radii = [...castRays({ x, y, reachX: x + 5, reachY: y + 5 }, 64)];
  const crop = new Uint8Array(16 * 16 * 3);
  cropOutline(frame, { xPx: x, yPx: y, outlinePx: new Float32Array(64).fill(y) }, { step: 1.3 }, 16, crop, 0);
  return { marks, sums, radii, crop };
}

function sceneOf({
  size: { width, height },
  seed,
  spread,
}: typeof scene extends fc.Arbitrary<infer T> ? T : never) {
  const noise = (i: number) => (Math.imul(i + seed, 2_654_435_761) >>> 16) & 255;
  const frame = frameOf(width, height, noise);
  const cells = (width >> 2) * (height >> 2);
  const belt = beltModel(cells);
  for (let cell = 0; cell < cells; cell++) {
    [560, 0, 0].forEach((about, k) => {
      belt.means[k * cells + cell] = about + noise(cell * 7 + k) - 128;
      belt.spreads[k * cells + cell] = k === 0 ? 40 : spread / 4.5;
    });
  }
  boundCells(belt, width >> 2, height >> 2);
  return { frame, belt };
}

/** 1 or 0 per cell. */
function cellsOf(bits: Uint8Array, { width, height }: Frame): number[] {
  const [columns, rows] = [width >> 2, height >> 2];
  const rowBytes = Math.ceil(columns / 64) * 8;
  return Array.from({ length: columns * rows }, (_, cell) => {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    return (bits[row * rowBytes + (column >> 3)]! >> (column & 7)) & 1;
  });
}

function frameOf(width: number, height: number, at: (i: number) => number): Frame {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => at(i));
  return { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
}

function markByHand({ width, height, data }: Frame, belt: BeltModel) {
  const columns = width >> 2;
  const cells = columns * (height >> 2);
  const marks: number[] = [];
  const sums: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const left = (cell % columns) * 4;
    const top = Math.floor(cell / columns) * 4;
    const sum = (c: number) => {
      const [a, b, d, e] = [0, 2, 3, 1].map((x, y) => data[((top + y) * width + left + x) * 3 + c]!);
      return 4 * meanUp(meanUp(a!, b!), meanUp(d!, e!));
    };
    const [r, g, b] = [sum(0), sum(1), sum(2)];
    const limit = (k: number) => boundByHand(belt, cell, k);
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

function meanUp(a: number, b: number): number {
  return (a + b + 1) >> 1;
}

function boundsByHand({ width, height }: Frame, belt: BeltModel): number[] {
  const cells = (width >> 2) * (height >> 2);
  return Array.from({ length: 5 * cells }, (_, i) => boundByHand(belt, i % cells, Math.floor(i / cells)));
}

/** Luma's upper bound, then lower and upper of warmth and of green: four and a half spreads beyond the mean and beyond 0. */
function boundByHand({ means, spreads }: BeltModel, cell: number, k: number): number {
  const at = ((k + 1) >> 1) * (means.length / 3) + cell;
  const reach = Math.fround(4.5 * spreads[at]!);
  const bound = k % 2 === 1 ? Math.min(means[at]!, 0) - reach : Math.max(means[at]!, 0) + reach;
  // A number without a sign where it is 0.
  return Math.trunc(Math.fround(bound)) + 0;
}

/** From the ellipse in the box, or from the box where that begins on fruit, to the outermost two pixels of fruit in a row. */
function castByHand(frame: Frame, belt: BeltModel, x: number, y: number, angle: number): number {
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const toBox = Math.min(x / Math.max(Math.abs(dx), 1e-6), y / Math.max(Math.abs(dy), 1e-6));
  const toEllipse = radiusByHand(dx, dy, x - 2, y - 2);
  const fixed = (value: number) => Math.trunc(value * 65_536);
  const cast = (start: number) => {
    const look = (steps: number) =>
      lookByHand(
        ...([frame, belt] as const),
        fixed(x + (start - 1) * dx) + (1 - steps) * fixed(dx),
        fixed(y + (start - 1) * dy) + (1 - steps) * fixed(dy),
      );
    for (let step = 0; start - step - 1 > 0.35 * Math.min(x, y); step++) {
      if (look(step) !== 'fruit') continue;
      // It is the frame that cuts the fruit.
      if (step > 0 && look(step - 1) === 'outside') break;
      if (look(step + 1) === 'fruit') return start - step + 0.5;
    }
    return Number.NaN;
  };
  const start = toBox - Math.max(0, Math.floor(toBox - toEllipse));
  const found = cast(start);
  return Math.fround(found > start && start < toBox ? cast(toBox) : found);
}

/** Of an ellipse that lies in a box, in 32 bits as the kernel has it: whether a ray along an axis begins a pixel further out hangs on the last of them. */
function radiusByHand(dx: number, dy: number, semiX: number, semiY: number): number {
  const { fround } = Math;
  const along = fround(fround(dx) * fround(1 / fround(semiX)));
  const across = fround(fround(dy) * fround(1 / fround(semiY)));
  return fround(1 / fround(Math.sqrt(fround(fround(along * along) + fround(across * across)))));
}

/** A single pixel has slack, being noisier than the sum of four that the bounds are for. */
function lookByHand({ width, height, data }: Frame, belt: BeltModel, atX: number, atY: number) {
  const [x, y] = [atX >> 16, atY >> 16];
  if (x < 0 || y < 0 || x >= width || y >= height) return 'outside';
  const [columns, rows] = [width >> 2, height >> 2];
  const cell = Math.min(y >> 2, rows - 1) * columns + Math.min(x >> 2, columns - 1);
  const [r = 0, g = 0, b = 0] = data.subarray((y * width + x) * 3);
  const [warm, green] = [4 * (r - b), 4 * g - 2 * (r + b)];
  const limit = (k: number) => boundByHand(belt, cell, k);
  // Both are kept as eighths.
  const isAbove = (value: number, most: number) => value >> 3 > (most - 3) >> 3;
  const isFruit =
    isAbove(r + 2 * g + b, limit(0) + 16) ||
    isAbove(-warm, 24 - limit(1)) ||
    isAbove(warm, limit(2) + 24) ||
    isAbove(-green, 20 - limit(3)) ||
    isAbove(green, limit(4) + 20);
  return isFruit ? 'fruit' : 'belt';
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
