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

/** Of the film, on one line: the first ones make what a line keeps from one fruit to the next. */
const warmUpPasses = 10;
const passes = 5;

interface FrameFigures {
  readonly bytes: number;
  readonly fruits: number;
}

/** On a film that was graded before, so that most is compiled. Per frame the median of its turns: V8 allocates for itself, too. */
export async function measureMemory(
  variant: BenchVariant,
  model: ViewModel,
  frames: readonly Frame[],
  camera: Uint8Array,
): Promise<MemoryFigures> {
  const rows = new Float32Array(model.capacity * variant.labels.length).fill(1 / variant.labels.length);
  const done = Promise.resolve(rows);
  const whole = await bytesPerFrame((count) => model.run(count));
  const stub = await bytesPerFrame(() => done);
  const around = mean(stub.filter(({ fruits }) => fruits === 0));
  const some = stub.filter(({ fruits }) => fruits > 0);
  const fruitsEach = some.reduce((sum, { fruits }) => sum + fruits, 0) / Math.max(1, some.length);
  return {
    withRun: mean(whole),
    around,
    run: mean(whole) - mean(stub),
    fruit: some.length === 0 ? 0 : (mean(some) - around) / fruitsEach,
  };

  async function bytesPerFrame(run: ViewModel['run']): Promise<FrameFigures[]> {
    const line = openLine(variant, watched(model, run), { geometry: defaultLineGeometry });
    const turns: FrameFigures[][] = frames.slice(learnFrames).map(() => []);
    for (let pass = 0; pass < warmUpPasses + passes; pass++) {
      for (const [at, each] of frames.entries()) {
        camera.set(each.data);
        const frame = { ...again(each, pass), data: camera };
        const waited = await bytesOf(() => nothing);
        const graded = await bytesOf(() => line.grade(frame));
        if (pass < warmUpPasses || waited === undefined || graded === undefined) continue;
        turns[at - learnFrames]?.push({ ...graded, bytes: graded.bytes - waited.bytes });
      }
    }
    // A frame may have none: garbage was collected in each of its turns.
    return turns.filter((each) => each.length > 0).map(medianTurn);
  }

  /** The film once more, with a belt and a time that go on. */
  function again(frame: Frame, pass: number): Frame {
    const [first, second] = [frames[0]!, frames[1]!];
    const behind = pass * frames.length;
    return {
      ...frame,
      seq: frame.seq + behind,
      capturedAtMs: frame.capturedAtMs + behind * (second.capturedAtMs - first.capturedAtMs),
      encoderMm: frame.encoderMm + behind * (second.encoderMm - first.encoderMm),
    };
  }
}

const nothing = Promise.resolve(0);

/** With what waiting for it and reading it take. Undefined where garbage was collected meanwhile, which is prevented where the process was started with `--expose-gc`. */
async function bytesOf(work: () => Promise<number>): Promise<FrameFigures | undefined> {
  globalThis.gc?.({ type: 'minor' });
  const before = usedBytes();
  const fruits = await work();
  const bytes = usedBytes() - before;
  return bytes < 0 ? undefined : { bytes, fruits };
}

function medianTurn(turns: readonly FrameFigures[]): FrameFigures {
  return [...turns].sort((a, b) => a.bytes - b.bytes)[turns.length >> 1]!;
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
