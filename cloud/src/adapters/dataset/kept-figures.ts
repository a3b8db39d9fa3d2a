/**
 * Figures of a dataset version's images as they are kept: a line with the names of the columns, parted by commas, and float32 [images, columns], little endian, behind it. Whoever
 * reads them can tell which they are, also when another version of this program kept them.
 */
import type { NamedFigures } from '../../domain/embedding-job.ts';

export function packFigures({ columns, rows }: NamedFigures): Buffer {
  return Buffer.concat([Buffer.from(`${columns.join()}\n`), new Uint8Array(rows.buffer)]);
}

/** Undefined where they are not whole. */
export function unpackFigures(kept: Uint8Array, images: number): NamedFigures | undefined {
  const end = kept.indexOf(0x0a);
  if (end <= 0) return undefined;
  const columns = Buffer.from(kept.subarray(0, end)).toString().split(',');
  const figures = kept.subarray(end + 1);
  if (figures.byteLength !== images * columns.length * 4) return undefined;
  return { columns, rows: new Float32Array(new Uint8Array(figures).buffer) };
}
