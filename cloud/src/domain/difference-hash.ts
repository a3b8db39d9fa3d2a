/** A picture's look in 64 bits, after "dHash": whether a cell of 9 × 8 is brighter than the next one. */
export type DifferenceHash = readonly [number, number];

/** `crops` uint8 [images, size, size, 3]; green stands for luma. */
export function differenceHash(crops: Uint8Array, size: number, image = 0): DifferenceHash {
  const from = image * size * size * 3;
  const cell = (x: number, y: number): number => {
    let sum = 0;
    const left = Math.floor((x * size) / 9);
    const right = Math.max(left + 1, Math.floor(((x + 1) * size) / 9));
    const top = Math.floor((y * size) / 8);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * size) / 8));
    for (let py = top; py < bottom; py++)
      for (let px = left; px < right; px++) sum += crops[from + (py * size + px) * 3 + 1]!;
    return sum / ((right - left) * (bottom - top));
  };
  const words: [number, number] = [0, 0];
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      if (cell(x, y) > cell(x + 1, y)) words[y >> 2]! |= 1 << ((y & 3) * 8 + x);
    }
  }
  return words;
}

/** In how many bits they differ. */
export function hammingDistance(a: DifferenceHash, b: DifferenceHash): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

function ones(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count++;
  return count;
}
