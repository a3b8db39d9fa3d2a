import { expect, it } from 'vitest';
import { packFigures, unpackFigures } from './kept-figures.ts';

const columns = ['defectShare', 'e0', 'e1'];
const rows = Float32Array.of(0.25, -1, 10, 0, 2, 0x0a0a);
const kept = packFigures({ columns, rows });

it('gives back what was kept, with the names of its columns', () => {
  expect(unpackFigures(kept, 2)).toEqual({ columns, rows });
});

it('takes nothing that is not whole', () => {
  const names = kept.indexOf('\n');
  for (const bytes of [
    ...[kept.subarray(0, kept.length - 1), kept.subarray(0, names + 1), kept.subarray(0, names)],
    ...[kept.subarray(names), Buffer.concat([kept, Buffer.of(0)]), Buffer.alloc(0)],
  ])
    expect(unpackFigures(bytes, 2), `${bytes.length} bytes`).toBeUndefined();
  expect(unpackFigures(kept, 3)).toBeUndefined();
});
