/**
 * The cells of one component, with its holes and narrow bays filled (a morphological closing): rot as dark as the belt
 * must not look like the edge of a fruit.
 */
import type { MarkedCells } from './kernel.ts';

/** Bounds in cells, both ends inside. */
export interface CellBounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly cells: number;
}

export interface ClumpCells {
  /** The first cell of the frame that is looked at. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  /** [rows, columns], 1 where the component is, 2 where a hole or a bay of it was filled, else 0. Good until cells of another are asked for. */
  readonly mask: Uint8Array;
  /** The frame goes no further on that side: there the component has no edge. */
  readonly isCut: FourSides;
}

interface FourSides {
  readonly left: boolean;
  readonly top: boolean;
  readonly right: boolean;
  readonly bottom: boolean;
}

/** Around the cells, so that nobody has to ask for edges: one ring for what is near the component, one for what is outside. */
const pad = 2;
const free = 0;
const member = 1;
const picked = 2;
const near = 3;
const outside = 4;

let mask = new Uint8Array(0);
let padded = new Uint8Array(0);
let stack = new Int32Array(0);

/** Undefined when the marks are not those of which the component was made. */
export function cellsOf(
  component: CellBounds,
  { bits }: MarkedCells,
  grid: { readonly columns: number; readonly rows: number },
): ClumpCells | undefined {
  const { left, top, right, bottom } = component;
  const columns = right - left + 1;
  const rows = bottom - top + 1;
  const width = columns + 2 * pad;
  const size = width * (rows + 2 * pad);
  if (padded.length < size) {
    mask = new Uint8Array(2 * size);
    padded = new Uint8Array(2 * size);
    stack = new Int32Array(2 * size);
  }
  padded.fill(free, 0, size);
  const rowBytes = Math.ceil(grid.columns / 64) * 8;
  const field = padded;
  let count = 0;
  for (let y = 0; y < rows; y++) {
    const from = (top + y) * rowBytes;
    const at = (y + pad) * width + pad;
    for (let x = 0; x < columns; x++) {
      const bit = (bits[from + ((left + x) >> 3)]! >> ((left + x) & 7)) & 1;
      field[at + x] = bit * member;
      count += bit;
    }
  }
  // Others may lie within the same bounds.
  if (count !== component.cells && !pickComponent(component.cells, width, columns, rows)) return undefined;
  close(width, columns, rows);
  const isCut = {
    left: left === 0,
    top: top === 0,
    right: right === grid.columns - 1,
    bottom: bottom === grid.rows - 1,
  };
  return { left, top, columns, rows, mask, isCut };
}

/** Finds the component, one with a cell in the first row, among what is marked within its bounds: by its number of cells. */
function pickComponent(cells: number, width: number, columns: number, rows: number): boolean {
  const from = pad * width + pad;
  for (let at = from; at < from + columns; at++) {
    if (padded[at] !== member) continue;
    if (fill(at, width, member, picked) === cells) {
      const size = width * (rows + 2 * pad);
      for (let i = 0; i < size; i++) padded[i] = padded[i] === picked ? member : free;
      return true;
    }
    fill(at, width, picked, free);
  }
  return false;
}

/** To `mask`. */
function close(width: number, columns: number, rows: number): void {
  const field = padded;
  const last = width * (rows + 2 * pad) - width - 1;
  for (let at = width + 1; at < last; at++) {
    if (field[at] === free && isBeside(field, at, width, member)) field[at] = near;
  }
  fill(0, width, free, outside);
  const to = mask;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = (y + pad) * width + pad + x;
      const what = field[at]!;
      const isOutside = what === outside || (what === near && isBeside(field, at, width, outside));
      to[y * columns + x] = isOutside ? 0 : what === member ? 1 : 2;
    }
  }
}

/** Whether one of the eight cells around one is such. */
function isBeside(field: Uint8Array, at: number, width: number, what: number): boolean {
  return (
    field[at - 1] === what ||
    field[at + 1] === what ||
    field[at - width] === what ||
    field[at + width] === what ||
    field[at - width - 1] === what ||
    field[at - width + 1] === what ||
    field[at + width - 1] === what ||
    field[at + width + 1] === what
  );
}

/** Makes something else of a cell and all that hang together with it and are the same, side by side; returns how many. */
function fill(first: number, width: number, what: number, to: number): number {
  let depth = 0;
  let count = 0;
  stack[depth++] = first;
  padded[first] = to;
  while (depth > 0) {
    const at = stack[--depth]!;
    count++;
    depth = visit(at - 1, what, to, depth);
    depth = visit(at + 1, what, to, depth);
    depth = visit(at - width, what, to, depth);
    depth = visit(at + width, what, to, depth);
  }
  return count;
}

function visit(at: number, what: number, to: number, depth: number): number {
  if (padded[at] !== what) return depth;
  padded[at] = to;
  stack[depth] = at;
  return depth + 1;
}
