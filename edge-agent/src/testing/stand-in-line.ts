/** A line of coloured discs on a dark belt: what a camera would see of it. Pure, so that a test knows the truth. */
import type { Frame, LineGeometry } from '@pomona/grading';

export interface StandInFruit {
  readonly lane: number;
  /** Where its centre is when the encoder reads 0, millimetres from the entry edge. */
  readonly originMm: number;
  readonly diameterMm: number;
  /** 0 red, 1 green, 2 blue. */
  readonly colour: number;
  /** So high as a share of its length: a leaf is lower than a fruit. Default 1. */
  readonly high?: number;
}

/** `count` fruits per lane, `pitchMm` apart, the first one `leadMm` before the view; lanes are staggered. */
export function standInFruits(lanes: number, count: number, pitchMm: number, leadMm: number): StandInFruit[] {
  return Array.from({ length: lanes * count }, (_, i) => {
    const lane = i % lanes;
    const nth = Math.floor(i / lanes);
    return {
      lane,
      originMm: -leadMm - nth * pitchMm - (lane * pitchMm) / lanes,
      diameterMm: 66 + 6 * (i % 4),
      colour: (nth + lane) % 3,
    };
  });
}

export function renderFrame(
  geometry: LineGeometry,
  fruits: readonly StandInFruit[],
  at: Pick<Frame, 'seq' | 'capturedAtMs' | 'encoderMm'>,
): Frame {
  const { frameWidthPx: width, frameHeightPx: height, mmPerPx, lanes } = geometry;
  const data = new Uint8Array(width * height * 3);
  let noise = at.seq * 7919 + 1;
  for (let i = 0; i < data.length; i++) {
    noise = (noise * 1103515245 + 12345) & 0x7fffffff;
    data[i] = 24 + ((noise >> 16) & 3);
  }
  for (const { lane, originMm, diameterMm, colour, high = 1 } of fruits) {
    const x = (originMm + at.encoderMm) / mmPerPx;
    const y = ((lane + 0.5) * height) / lanes;
    const radius = diameterMm / mmPerPx / 2;
    const from = Math.max(0, Math.floor(x - radius));
    const to = Math.min(width - 1, Math.ceil(x + radius));
    for (let row = Math.floor(y - radius); row <= y + radius; row++) {
      for (let column = from; column <= to; column++) {
        if (Math.hypot(column + 0.5 - x, (row + 0.5 - y) / high) > radius) continue;
        const pixel = (row * width + column) * 3;
        for (let c = 0; c < 3; c++) data[pixel + c] = c === colour ? 190 : 60;
      }
    }
  }
  return { width, height, data, ...at };
}
