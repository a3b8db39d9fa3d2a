import { AppError } from '@pomona/wire';
import { openModelProcess } from './model-process.ts';

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
  /** The program's built file; default the one beside this package's build. */
  readonly program?: URL;
}

/**
 * Runs a release's golden views in a process of its own, that the line does not wait for and whose crash costs it nothing. Throws `memory-short` (retryable), or what
 * `fork` throws, when the board had no room for that process, which says nothing of the release.
 */
export async function selfTestRelease(
  request: SelfTestRequest,
  options: SelfTestOptions = {},
): Promise<SelfTestResult> {
  const { timeoutMs = 60_000, program = new URL('../self-test-main.js', import.meta.url) } = options;
  const { child, ended } = openModelProcess(program);
  let result: SelfTestResult | undefined;
  const timer = setTimeout(() => {
    result ??= refused(`it took longer than ${timeoutMs} ms`);
    child.kill('SIGKILL');
  }, timeoutMs);
  child.once('message', (said: SelfTestResult) => {
    result ??= said;
  });
  if (child.connected) child.send(request, () => undefined);
  const how = await ended;
  clearTimeout(timer);
  if (result !== undefined) return result;
  // The kernel ends it so, as the first of all, when memory is short; nobody else does.
  if (child.pid === undefined || child.signalCode === 'SIGKILL') throw memoryShort(how);
  return refused(how);
}

function memoryShort(how: string): AppError {
  return new AppError('memory-short', `the self-test had no room on this board: ${how}`, {
    hint: 'Stop what else runs on the device, or raise its MemoryMax; it will be tried again.',
    retryable: true,
  });
}

export function refused(reason: string, maxDelta = Number.POSITIVE_INFINITY, msPerView = 0): SelfTestResult {
  return { ok: false, maxDelta, msPerView, reason };
}
