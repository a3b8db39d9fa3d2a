/**
 * Can this board run a release at all? Asked of its manifest, before the first byte of a file is fetched: what is answered
 * with no would only be found out when it has travelled. Input and labels are in order in themselves once a manifest was parsed.
 */
import { checkRecipe, parseRecipe } from '@pomona/grading';
import type { Manifest } from '@pomona/release';
import { AppError, type Recipe, standardiseVersion } from '@pomona/wire';

/** The newest that the ONNX Runtime of this package loads (1.30); a test asks it. */
export const opsetMax = 26;

/** The process of the self-test, or of a candidate that runs silently: with a runtime in it, before it has a model; 64 MB were measured. */
const runtimeBytes = 72 * 1024 * 1024;
/** A model's file is read, parsed, rewritten and laid out anew, and weights in 8 bits may become floats. */
const bytesOfFileByte = 6;
/** Views of a run, and bytes of a pixel: its colours, and what the first two layers make of it. */
const viewsOfRun = 32;
const bytesOfPixel = 35;

/**
 * `memoryFreeBytes`: undefined where nobody knows. Throws `release-runtime`, `recipe-invalid`, or `memory-short` (retryable: it
 * may pass).
 */
export function checkPreflight(
  manifest: Manifest,
  recipe: Recipe | undefined,
  memoryFreeBytes: number | undefined,
): void {
  checkRuntime(manifest);
  if (recipe !== undefined) checkRecipe(parseRecipe(recipe), manifest.labels);
  const wanted = memoryOf(manifest);
  if (memoryFreeBytes !== undefined && memoryFreeBytes < wanted) throw memoryShort(wanted, memoryFreeBytes);
}

/** What its self-test and its session take at most beside what runs, by a wide estimate. */
export function memoryOf({ variants, files, input }: Manifest): number {
  const models = files.filter(({ name }) => variants.some(({ file }) => file === name));
  const largest = Math.max(...models.map(({ bytes }) => bytes));
  return runtimeBytes + largest * bytesOfFileByte + viewsOfRun * input.size ** 2 * bytesOfPixel;
}

function checkRuntime({ runtime = {} }: Manifest): void {
  for (const [name, { opset }] of Object.entries(runtime)) {
    if (name === 'standardise') {
      if (opset > standardiseVersion)
        throw wrongRuntime(
          `needs crops standardised by version ${opset}, this agent has ${standardiseVersion}`,
        );
    } else if (name !== 'onnx') {
      throw wrongRuntime(`needs the runtime ${name}, this agent has onnx`);
    } else if (opset > opsetMax) {
      throw wrongRuntime(`needs ONNX opset ${opset}, this agent’s runtime has ${opsetMax}`);
    }
  }
}

function wrongRuntime(what: string): AppError {
  return new AppError('release-runtime', `the release ${what}`, {
    hint: 'Install a newer agent on the station, or give it a release that was built for this one.',
  });
}

function memoryShort(wantedBytes: number, freeBytes: number): AppError {
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  return new AppError(
    'memory-short',
    `the release needs ${mb(wantedBytes)} of memory beside what runs, ${mb(freeBytes)} are free`,
    {
      hint: 'Stop what else runs on the device, or raise its MemoryMax; it will be tried again.',
      retryable: true,
    },
  );
}
