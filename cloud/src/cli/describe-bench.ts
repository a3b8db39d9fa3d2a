import type { BenchResult } from '@pomona/training';
import { table } from './output.ts';

/** For a person: one line for each figure, with what it was held against. */
export function describeBench(result: BenchResult): string {
  return [
    `bench ${result.bench} on ${result.machine}`,
    table(
      ['', 'value', 'unit', 'peer', 'peer value', 'ratio'],
      result.rows.map((row) => [
        row.name,
        figure(row.value),
        row.unit,
        row.peer ?? '-',
        row.peerValue === null ? '-' : figure(row.peerValue),
        row.ratio === null ? '-' : row.ratio.toFixed(2),
      ]),
    ),
  ].join('\n');
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
