import { columns, markBytes, rows } from './scene';

/** Of a component: left, top, right, bottom in cells, both ends inside, and the number of cells; int32 each. */
const componentBytes: i32 = 20;
/**
 * Of a run of marked cells in a row: where it begins and ends, and the run that it belongs to, itself or an earlier one; and
 * of the component that begins with it left, top, right, bottom and cells. int32 each.
 */
const runBytes: i32 = 32;

/**
 * Joins marked cells that are side by side or above each other, and writes what components there are to `out`, at most
 * `countMax`, in the order of their first cells; returns how many. `runs`: 32 bytes for every second cell of each row, begun ones too.
 */
export function connectCells(marks: usize, out: usize, countMax: i32, runs: usize): i32 {
  let above = runs;
  let aboveEnd = runs;
  for (let row: i32 = 0; row < rows; row++) {
    const end = writeRuns(marks + row * markBytes, row, aboveEnd);
    joinRows(above, aboveEnd, end);
    above = aboveEnd;
    aboveEnd = end;
  }
  let count: i32 = 0;
  for (let run = runs; run < aboveEnd && count < countMax; run += runBytes) {
    if (load<i32>(run, 8) !== i32(run)) continue;
    const to = out + count * componentBytes;
    v128.store(to, v128.load(run, 12));
    store<i32>(to, load<i32>(run, 28), 16);
    count++;
  }
  return count;
}

/** The runs of a row, from left to right, to `at`, each a component of its own; returns where they end. */
function writeRuns(marks: usize, row: i32, at: usize): usize {
  let from: i32 = -1;
  for (let first: i32 = 0; first < columns; first += 64) {
    let bits = load<u64>(marks + (first >> 3));
    // Where a run goes on, what is looked for is its end.
    if (from >= 0) bits = ~bits;
    while (bits !== 0) {
      const place = i32(ctz(bits));
      if (from < 0) from = first + place;
      else {
        at = writeRun(at, row, from, first + place);
        from = -1;
      }
      // What is behind it, the other way round.
      bits = ~bits & (~(<u64>0) << place);
    }
  }
  return from < 0 ? at : writeRun(at, row, from, columns);
}

function writeRun(at: usize, row: i32, from: i32, to: i32): usize {
  store<i32>(at, from);
  store<i32>(at, to, 4);
  store<i32>(at, i32(at), 8);
  store<i32>(at, from, 12);
  store<i32>(at, row, 16);
  store<i32>(at, to - 1, 20);
  store<i32>(at, row, 24);
  store<i32>(at, to - from, 28);
  return at + runBytes;
}

/** Of two rows, one in `[above, here)` and the next in `[here, end)`: joins runs that have a column in common. */
function joinRows(above: usize, here: usize, end: usize): void {
  let over = above;
  for (let run = here; over < here && run < end; ) {
    const overTo = load<i32>(over, 4);
    const runTo = load<i32>(run, 4);
    if (load<i32>(over) < runTo && load<i32>(run) < overTo) join(firstOf(over), firstOf(run));
    if (overTo < runTo) over += runBytes;
    else run += runBytes;
  }
}

/** The run with which the component of a run begins. */
function firstOf(run: usize): usize {
  let next = <usize>load<i32>(run, 8);
  while (next !== run) {
    // The way is halved for the next who goes it.
    const further = load<i32>(next, 8);
    store<i32>(run, further, 8);
    run = <usize>further;
    next = <usize>load<i32>(run, 8);
  }
  return run;
}

function join(a: usize, b: usize): void {
  if (a === b) return;
  const first = min(a, b);
  const other = max(a, b);
  store<i32>(other, i32(first), 8);
  store<i32>(first, min(load<i32>(first, 12), load<i32>(other, 12)), 12);
  store<i32>(first, min(load<i32>(first, 16), load<i32>(other, 16)), 16);
  store<i32>(first, max(load<i32>(first, 20), load<i32>(other, 20)), 20);
  store<i32>(first, max(load<i32>(first, 24), load<i32>(other, 24)), 24);
  store<i32>(first, load<i32>(first, 28) + load<i32>(other, 28), 28);
}
