/**
 * Turns a planar crop by any angle around its middle. Only fruit is averaged, so that the mask's black does not creep into its
 * edge; what falls onto the mask's black stays black. `pixels` and `scratch` are uint8 [3, size, size]; `mask` says what is fruit,
 * and afterwards where it has gone. Plain loops: this is done for every crop of every step.
 */
export function turnCrop(
  pixels: Uint8Array,
  mask: Uint8Array,
  scratch: Uint8Array,
  size: number,
  angle: number,
): void {
  const plane = size * size;
  scratch.set(pixels);
  scratch.set(mask, 3 * plane);
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const middle = (size - 1) / 2;
  for (let to = 0, row = 0; row < size; row++) {
    let x = middle - cosine * middle + sine * (row - middle);
    let y = middle + sine * middle + cosine * (row - middle);
    for (let column = 0; column < size; column++, to++, x += cosine, y -= sine) {
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = x - left;
      const below = y - top;
      const isWithin = left >= 0 && top >= 0 && left < size - 1 && top < size - 1;
      const at = isWithin ? top * size + left : nearestIn(x, y, size);
      const nearest = isWithin ? at + (right < 0.5 ? 0 : 1) + (below < 0.5 ? 0 : size) : at;
      if (nearest < 0 || scratch[3 * plane + nearest] === 0) {
        mask[to] = 0;
        pixels[to] = pixels[plane + to] = pixels[2 * plane + to] = 0;
        continue;
      }
      mask[to] = 1;
      if (!isWithin) {
        for (let channel = 0; channel < 3 * plane; channel += plane)
          pixels[channel + to] = scratch[channel + at]!;
        continue;
      }
      const fruit = 3 * plane + at;
      const a = (1 - right) * (1 - below) * scratch[fruit]!;
      const b = right * (1 - below) * scratch[fruit + 1]!;
      const c = (1 - right) * below * scratch[fruit + size]!;
      const d = right * below * scratch[fruit + size + 1]!;
      const scale = 1 / (a + b + c + d);
      for (let channel = 0; channel < 3 * plane; channel += plane) {
        const from = channel + at;
        const sum =
          a * scratch[from]! +
          b * scratch[from + 1]! +
          c * scratch[from + size]! +
          d * scratch[from + size + 1]!;
        pixels[channel + to] = sum * scale + 0.5;
      }
    }
  }
}

/** -1 beyond the square. */
function nearestIn(x: number, y: number, size: number): number {
  const column = Math.round(x);
  const row = Math.round(y);
  return column < 0 || row < 0 || column >= size || row >= size ? -1 : row * size + column;
}

/** Turns a map of defects alike: `map` and `scratch` are uint8 [cells, cells, 2]; beyond the map there is no defect. */
export function turnMap(map: Uint8Array, scratch: Uint8Array, cells: number, angle: number): void {
  scratch.set(map);
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const middle = (cells - 1) / 2;
  const at = (row: number, column: number, channel: number): number =>
    row < 0 || column < 0 || row >= cells || column >= cells
      ? 0
      : scratch[(row * cells + column) * 2 + channel]!;
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const x = middle + cosine * (column - middle) + sine * (row - middle);
      const y = middle - sine * (column - middle) + cosine * (row - middle);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = x - left;
      const below = y - top;
      for (let channel = 0; channel < 2; channel++) {
        const above = (1 - right) * at(top, left, channel) + right * at(top, left + 1, channel);
        const under = (1 - right) * at(top + 1, left, channel) + right * at(top + 1, left + 1, channel);
        map[(row * cells + column) * 2 + channel] = (1 - below) * above + below * under + 0.5;
      }
    }
  }
}
