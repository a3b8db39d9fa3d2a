import sharp from 'sharp';
import { Line } from './line.ts';

export interface LineStillOptions {
  readonly seed: number;
  readonly scenario?: string;
}

/** One frame of the line camera with fruit in view, PNG. */
export async function lineStill({ seed, scenario }: LineStillOptions): Promise<Uint8Array> {
  const line = new Line({ seed, ...(scenario === undefined ? {} : { scenario }) });
  const { frameWidthPx: width, frameHeightPx: height } = line.geometry;
  const data = new Uint8Array(width * height * 3);
  // By then the first fruit has crossed the view.
  const encoderMm = 6 * line.beltMmPerS;
  line.advance(encoderMm);
  line.draw(data, encoderMm, 1);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
