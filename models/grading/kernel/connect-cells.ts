import { columns, rows } from './scene';

/** Of a component: left, top, right, bottom in cells, both ends inside, and the number of cells; int32 each. */
const componentBytes: i32 = 20;

/**
 * Joins marked cells that are side by side or above each other, and writes what components there are to `out`, at most
 * `countMax`; returns how many. Uses up the marks. `stack`: 4 bytes for each cell.
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

function fill(marks: usize, start: i32, out: usize, stack: usize): void {
  let left = columns;
  let top = rows;
  let right: i32 = 0;
  let bottom: i32 = 0;
  let found: i32 = 0;
  let end = visit(marks, start, stack);
  while (end > stack) {
    end -= 4;
    const cell = load<i32>(end);
    const row = cell / columns;
    const column = cell - row * columns;
    found++;
    left = min(left, column);
    right = max(right, column);
    top = min(top, row);
    bottom = max(bottom, row);
    if (column > 0) end = visit(marks, cell - 1, end);
    if (column < columns - 1) end = visit(marks, cell + 1, end);
    if (row > 0) end = visit(marks, cell - columns, end);
    if (row < rows - 1) end = visit(marks, cell + columns, end);
  }
  store<i32>(out, left);
  store<i32>(out, top, 4);
  store<i32>(out, right, 8);
  store<i32>(out, bottom, 12);
  store<i32>(out, found, 16);
}

/** Puts a marked cell on the stack that ends at `end`, once; returns where it ends then. */
function visit(marks: usize, cell: i32, end: usize): usize {
  if (load<u8>(marks + cell) === 0) return end;
  store<u8>(marks + cell, 0);
  store<i32>(end, cell);
  return end + 4;
}
