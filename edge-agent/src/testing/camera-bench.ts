/** A configured camera, started, with a record of what it said; for tests of what its program is told and gives. */
import type { Frame } from '@pomona/grading';
import { seededRandom, systemClock } from '@pomona/wire';
import { CameraProcess, type CameraProcessOptions } from '../adapters/camera-process.ts';
import type { CameraSource } from '../domain/camera-source.ts';

export class CameraBench {
  readonly states: string[] = [];
  readonly troubles: string[] = [];
  readonly camera: CameraProcess;

  constructor(
    source: CameraSource,
    frameWidthPx: number,
    frameHeightPx: number,
    options: Partial<CameraProcessOptions> = {},
  ) {
    this.camera = new CameraProcess({
      source,
      frameWidthPx,
      frameHeightPx,
      random: seededRandom(1),
      clock: systemClock,
      queueFramesMax: 1_000,
      onState: (state, detail) => this.states.push(`${state}: ${detail}`),
      onTrouble: (code, message) => this.troubles.push(`${code}: ${message}`),
      ...options,
    });
    this.camera.start();
  }

  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push((await this.camera.next())!);
    return frames;
  }
}

/** Mean red, green and blue of a rectangle, rounded. */
export function meanColour({ data, width }: Frame, [left, top, right, bottom]: readonly number[]): number[] {
  const sums = [0, 0, 0];
  for (let y = top!; y < bottom!; y++)
    for (let x = left!; x < right!; x++)
      for (let c = 0; c < 3; c++) sums[c]! += data[(y * width + x) * 3 + c]!;
  const area = (right! - left!) * (bottom! - top!);
  return sums.map((sum) => Math.round(sum / area));
}
