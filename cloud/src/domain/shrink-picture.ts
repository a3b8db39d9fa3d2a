/**
 * A square picture of `channels` bytes a pixel at a smaller size, each pixel the mean of the area that it covers: as the line averages a crop from a
 * frame. The picture itself where the size is its own.
 */
export function shrinkPicture(picture: Uint8Array, from: number, to: number, channels: number): Uint8Array {
  if (to === from) return picture;
  const spans = spansOf(from, to);
  const out = new Uint8Array(to * to * channels);
  const sums = new Float64Array(channels);
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      sums.fill(0);
      for (const [row, height] of spans[y]!) {
        for (const [column, width] of spans[x]!) {
          const at = (row * from + column) * channels;
          for (let c = 0; c < channels; c++) sums[c]! += picture[at + c]! * height * width;
        }
      }
      for (let c = 0; c < channels; c++) out[(y * to + x) * channels + c] = Math.round(sums[c]!);
    }
  }
  return out;
}

/** Of each of `to` equal parts of `from` cells, which it covers and with what share of its own length. */
function spansOf(from: number, to: number): readonly (readonly (readonly [number, number])[])[] {
  const length = from / to;
  return Array.from({ length: to }, (_, part) => {
    const start = part * length;
    const end = start + length;
    const span: [number, number][] = [];
    for (let cell = Math.floor(start); cell < Math.min(from, Math.ceil(end)); cell++) {
      const covered = Math.min(end, cell + 1) - Math.max(start, cell);
      if (covered > 1e-9) span.push([cell, covered / length]);
    }
    return span;
  });
}
