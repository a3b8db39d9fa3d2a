/** How much fruit one thread grades in time: a film against the clock, as fast as it just goes. */
import { type Frame, frameBuffer, type LineGeometry } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { type BenchVariant, openLine, watched } from './bench-grade-line.ts';
import { quantile } from './domain/recent-values.ts';
import type { ViewModel } from './domain/view-model.ts';

export interface CapacityFigures {
  readonly fruitsPerSPerLane: number;
  readonly viewsPerFruit: number;
  readonly framesPerS: number;
  readonly p99Ms: number;
}

const measuredS = 5;
/** Of what the thread does without a pause: so much of it is tried, one after the other. */
const shares = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

/**
 * The most of `shares` at which the 99th percentile from a frame's due time to the decision of its fruit stays within `limitMs`;
 * undefined where none does. The film begins and ends with an empty belt, and goes round.
 */
export async function measureCapacity(
  variant: BenchVariant,
  model: ViewModel,
  geometry: LineGeometry,
  frames: readonly Frame[],
  emptyFrames: number,
  limitMs: number,
): Promise<CapacityFigures | undefined> {
  const camera = frameBuffer(frames[0]!.data.length);
  const { framesPerS: most } = await turn(Number.POSITIVE_INFINITY, 2);
  for (const share of shares) {
    const figures = await turn(most * share, measuredS);
    if (figures.p99Ms <= limitMs) return figures;
  }
  return undefined;

  async function turn(framesPerS: number, seconds: number): Promise<CapacityFigures> {
    const latencies: number[] = [];
    let views = 0;
    const line = openLine(
      variant,
      watched(model, (count) => model.run(count)),
      {
        geometry,
        clock: systemClock,
        onRecord: (record) => {
          latencies.push(record.latencyMs);
          views += record.views;
        },
      },
    );
    const fromMs = systemClock.monotonicMs();
    const stepMs = 1000 / framesPerS;
    let dueMs = fromMs;
    let passedMm = 0;
    let count = 0;
    for (let at = 0; dueMs - fromMs < seconds * 1000; at++, count++) {
      if (at === frames.length) {
        // Round again, behind the empty belt of which the line knows already.
        passedMm += frames.at(-1)!.encoderMm - frames[emptyFrames - 1]!.encoderMm;
        at = emptyFrames;
      }
      await until(dueMs);
      const { width, height, data, seq, encoderMm } = frames[at]!;
      camera.set(data);
      const capturedAtMs = Number.isFinite(framesPerS) ? dueMs : systemClock.monotonicMs();
      await line.grade({ width, height, data: camera, seq, capturedAtMs, encoderMm: encoderMm + passedMm });
      dueMs = Number.isFinite(framesPerS) ? fromMs + (count + 1) * stepMs : systemClock.monotonicMs();
    }
    const tookS = (systemClock.monotonicMs() - fromMs) / 1000;
    const sorted = Float64Array.from(latencies).sort();
    return {
      fruitsPerSPerLane: latencies.length / tookS / geometry.lanes,
      viewsPerFruit: views / Math.max(1, latencies.length),
      framesPerS: count / tookS,
      p99Ms: latencies.length === 0 ? Number.POSITIVE_INFINITY : quantile(sorted, 0.99),
    };
  }
}

async function until(dueMs: number): Promise<void> {
  const waitMs = dueMs - systemClock.monotonicMs();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
