import './no-telemetry.ts';
import { Worker } from 'node:worker_threads';

export interface SelfTestRequest {
  readonly modelFile: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  /** File of uint8 [n, inputSize, inputSize, 3], RGB. */
  readonly golden: string;
  /** [n][labels], what the release says its golden views give. */
  readonly expected: readonly (readonly number[])[];
  /** Largest difference of a probability that passes. */
  readonly tolerance: number;
}

export interface SelfTestResult {
  readonly ok: boolean;
  /** Largest difference of a probability that was found; infinite when the model gave no numbers. */
  readonly maxDelta: number;
  /** Median of a short race on one thread, milliseconds; 0 when it did not come so far. */
  readonly msPerView: number;
  /** For a person; empty when ok. */
  readonly reason: string;
}

export interface SelfTestOptions {
  readonly timeoutMs?: number;
  /** The worker's built file; default the one beside this package's build. */
  readonly workerFile?: URL;
}

/** Runs a release's golden views in a thread of its own, that the line does not wait for. Never throws. */
export function selfTestRelease(
  request: SelfTestRequest,
  options: SelfTestOptions = {},
): Promise<SelfTestResult> {
  const { timeoutMs = 60_000, workerFile = new URL('../self-test-worker.js', import.meta.url) } = options;
  const worker = new Worker(workerFile, { workerData: request });
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(refused(`it took longer than ${timeoutMs} ms`)), timeoutMs);
    const finish = (result: SelfTestResult): void => {
      clearTimeout(timer);
      resolve(result);
      void worker.terminate();
    };
    worker.once('message', finish);
    worker.once('error', (error) => finish(refused(error.message)));
    worker.once('exit', (code) => finish(refused(`its thread ended with code ${code}`)));
  });
}

export function refused(reason: string, maxDelta = Number.POSITIVE_INFINITY, msPerView = 0): SelfTestResult {
  return { ok: false, maxDelta, msPerView, reason };
}
