import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOf, type Manifest, parseManifest } from '@pomona/release';
import { AppError, type ModelView } from '@pomona/wire';

export interface ModelFile {
  /** ONNX, in 32-bit floats. */
  readonly modelFile: string;
  /** Pixels a side of the crops that it wants. */
  readonly inputSize: number;
  /** What is done to them. */
  readonly standardise: Manifest['input']['standardise'];
}

/** Where the file of a model version is. Error: `model-unreadable`. */
export async function modelFileOf(dataFolder: string, model: ModelView): Promise<ModelFile> {
  const blobs = join(dataFolder, 'blobs');
  try {
    const manifest = parseManifest(await readFile(join(blobs, model.digest)));
    const { digest } = fileOf(manifest, manifest.variants[0]!.file);
    const { size: inputSize, standardise } = manifest.input;
    return { modelFile: join(blobs, digest), inputSize, standardise };
  } catch (error) {
    throw unreadableModel(model, error instanceof Error ? error.message : String(error), error);
  }
}

export function unreadableModel({ name, version }: ModelView, reason: string, cause?: unknown): AppError {
  return new AppError('model-unreadable', `${name}@${version} cannot be run: ${reason}`, {
    hint: 'Its files in the data folder are missing or damaged; train or import it again.',
    cause,
  });
}
