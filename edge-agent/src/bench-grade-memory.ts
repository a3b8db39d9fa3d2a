/** What grading leaves for the garbage collector, and how long that halts the thread. */
import { PerformanceObserver } from 'node:perf_hooks';
import { defaultLineGeometry, type Frame } from '@pomona/grading';
import { type BenchVariant, learnFrames, openLine, watched } from './bench-grade-line.ts';
import type { ViewModel } from './domain/view-model.ts';

export interface MemoryFigures {
  /** Bytes per frame, heap and buffers. */
  readonly withRun: number;
  /** Of it without `session.run`, in frames in which no fruit is decided. */
  readonly around: number;
  /** Of one `session.run`. */
  readonly run: number;
  /** What the decision of a fruit adds. */
  readonly fruit: number;
}

const passes = 4;

/** On a film that was graded before, so that everything is compiled. Frames in which garbage is collected do not count. */
export async function measureMemory(
  variant: BenchVariant,
  model: ViewModel,
  frames: readonly Frame[],
  camera: Uint8Array,
): Promise<MemoryFigures> {
  const rows = new Float32Array(model.capacity * variant.labels.length).fill(1 / variant.labels.length);
  const done = Promise.resolve(rows);
  const whole = await bytesPerFrame(model);
  const stub = await bytesPerFrame(watched(model, () => done));
  const around = mean(stub.filter(({ fruits }) => fruits === 0));
  const some = stub.filter(({ fruits }) => fruits > 0);
  const fruitsEach = some.reduce((sum, { fruits }) => sum + fruits, 0) / Math.max(1, some.length);
  return {
    withRun: mean(whole),
    around,
    run: mean(whole) - mean(stub),
    fruit: some.length === 0 ? 0 : (mean(some) - around) / fruitsEach,
  };

  async function bytesPerFrame(use: ViewModel): Promise<{ bytes: number; fruits: number }[]> {
    const counted: { bytes: number; fruits: number }[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const line = openLine(
        variant,
        watched(use, (count) => use.run(count)),
        { geometry: defaultLineGeometry },
      );
      for (const [at, each] of frames.entries()) {
        camera.set(each.data);
        const frame = { ...each, data: camera };
        const asking = usedBytes();
        const before = usedBytes();
        const fruits = await line.grade(frame);
        const after = usedBytes();
        const bytes = after - before - (before - asking);
        // The first pass warms up.
        if (at >= learnFrames && pass > 0 && after >= before && before >= asking)
          counted.push({ bytes, fruits });
      }
    }
    return counted;
  }
}

/**
 * Pauses of this thread's garbage collection from now on, milliseconds. What was left until now is collected first where the process was started with
 * `--expose-gc`: a film that was just read is nothing that a line has.
 */
export function watchPauses(): { stop: () => Promise<readonly number[]> } {
  const pauses: number[] = [];
  globalThis.gc?.();
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    stop: async () => {
      // What was observed is told in a later turn.
      await new Promise((resolve) => setTimeout(resolve, 50));
      observer.disconnect();
      return pauses;
    },
  };
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function mean(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(1, all.length);
}
