import type { Picture } from './shrink-picture.ts';

const columnsMax = 4;

/** Views uint8 [size, size, 3] in rows of four, in the order of capture; at least one. */
export function viewStrip(crops: readonly Uint8Array[], size: number): Picture {
  const columns = Math.min(columnsMax, crops.length);
  const width = columns * size;
  const height = Math.ceil(crops.length / columns) * size;
  const pixels = new Uint8Array(width * height * 3);
  crops.forEach((crop, i) => {
    const left = (i % columns) * size;
    const top = Math.floor(i / columns) * size;
    for (let row = 0; row < size; row++)
      pixels.set(crop.subarray(row * size * 3, (row + 1) * size * 3), ((top + row) * width + left) * 3);
  });
  return { width, height, pixels };
}
