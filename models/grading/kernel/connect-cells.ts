import { columns, rows } from './scene';

/** Of a component: left, top, right, bottom in cells, both ends inside, and the number of cells; int32 each. */
const componentBytes: i32 = 20;

/**
 * Joins marked cells that are side by side or above each other, and writes what components there are to `out`, at most
 * `countMax`; returns how many. Uses up the marks. `stack`: 8 bytes for each cell.
 */
export function connectCells(marks: usize, out: usize, countMax: i32, stack: usize): i32 {
  const cells = columns * rows;
  let count: i32 = 0;
  for (let cell: i32 = 0; cell < cells && count < countMax; cell++) {
    // Most of a frame is belt.
    while (cell + 8 <= cells && load<u64>(marks + cell) === 0) cell += 8;
    if (cell >= cells || load<u8>(marks + cell) === 0) continue;
    fill(marks, cell, out + count * componentBytes, stack);
    count++;
  }
  return count;
}

/** By runs of cells in a row: on the stack is one cell of each run that was met. A run has at most one neighbour more than it is long. */
function fill(marks: usize, start: i32, out: usize, stack: usize): void {
  let left = columns;
  let top = rows;
  let right: i32 = 0;
  let bottom: i32 = 0;
  let found: i32 = 0;
  store<i32>(stack, start);
  let end = stack + 4;
  while (end > stack) {
    end -= 4;
    const cell = load<i32>(end);
    // Met from two sides.
    if (load<u8>(marks + cell) === 0) continue;
    const row = cell / columns;
    const rowFrom = row * columns;
    const rowEnd = rowFrom + columns;
    let from = cell;
    while (from > rowFrom && load<u8>(marks + from - 1) !== 0) from--;
    let to = cell + 1;
    while (to < rowEnd && load<u8>(marks + to) !== 0) to++;
    memory.fill(marks + from, 0, to - from);
    found += to - from;
    left = min(left, from - rowFrom);
    right = max(right, to - 1 - rowFrom);
    top = min(top, row);
    bottom = max(bottom, row);
    if (row > 0) end = meet(marks, from - columns, to - columns, end);
    if (row < rows - 1) end = meet(marks, from + columns, to + columns, end);
  }
  store<i32>(out, left);
  store<i32>(out, top, 4);
  store<i32>(out, right, 8);
  store<i32>(out, bottom, 12);
  store<i32>(out, found, 16);
}

/** Puts the first cell of each run of marked ones in `[from, to)` on the stack that ends at `end`; returns where it ends then. */
function meet(marks: usize, from: i32, to: i32, end: usize): usize {
  let before: u8 = 0;
  for (let cell = from; cell < to; cell++) {
    const mark = load<u8>(marks + cell);
    store<i32>(end, cell);
    // Without a jump: whether it was stored for good.
    end += usize((mark & ~before) << 2);
    before = mark;
  }
  return end;
}
