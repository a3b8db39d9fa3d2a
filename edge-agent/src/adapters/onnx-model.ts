import './no-telemetry.ts';
import { readFile } from 'node:fs/promises';
import { frameBuffer, residentFloats } from '@pomona/grading';
import { AppError, isAppError } from '@pomona/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RunnableRelease } from '../domain/line-messages.ts';
import type { ViewModel } from '../domain/view-model.ts';

/** More fruit than two lanes can show at once. */
const capacityDefault = 32;
const inputName = 'images';
const outputName = 'probabilities';
const defectName = 'defect';

export type ModelSource = Pick<RunnableRelease, 'modelFile' | 'labels' | 'inputSize'>;

/**
 * Loads a release's ONNX file (input `images` uint8 [n, S, S, 3], output `probabilities` float32 [n, K], and `defect` where it has a map) and runs it
 * once, so that the first fruit is as fast as the next. Throws `model-unreadable` or `model-mismatch`.
 */
export async function loadOnnxModel(source: ModelSource, capacity = capacityDefault): Promise<ViewModel> {
  const session = await createSession(source.modelFile);
  try {
    checkSession(session, source);
    const model = new OnnxModel(session, source, capacity);
    for (const count of [1, Math.min(8, capacity)]) await model.run(count);
    return model;
  } catch (error) {
    await session.release();
    if (isAppError(error)) throw error;
    throw new AppError('model-mismatch', `${source.modelFile} does not run: ${messageOf(error)}`, {
      hint: 'The release is broken; build it again.',
      cause: error,
    });
  }
}

class OnnxModel implements ViewModel {
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly capacity: number;
  readonly crops: Uint8Array;
  readonly #session: InferenceSession;
  readonly defects: ViewModel['defects'];
  /** One input per batch size, all on `crops`. */
  readonly #feeds: { images: Tensor }[] = [];
  /** And the outputs: the map of defects is written where it lies, so that no run allocates one. */
  readonly #fetches: Record<string, Tensor | null>[] = [];

  constructor(session: InferenceSession, { labels, inputSize }: ModelSource, capacity: number) {
    this.#session = session;
    this.labels = labels;
    this.inputSize = inputSize;
    this.capacity = capacity;
    // Where crops are cut, so that none is copied.
    this.crops = frameBuffer(capacity * inputSize ** 2 * 3);
    const cells = defectCellsOf(session);
    if (cells > 0) this.defects = { cells, map: residentFloats(capacity * cells ** 2 * 2) };
  }

  async run(count: number): Promise<Float32Array> {
    const results = await this.#session.run(this.#feedOf(count), this.#fetchOf(count));
    const rows = results[outputName]?.data;
    if (!(rows instanceof Float32Array) || rows.length !== count * this.labels.length) {
      throw new AppError('model-mismatch', `${count} crops gave ${rows?.length} probabilities`, {
        hint: 'The release is broken; go back to the one before and build it again.',
      });
    }
    return rows;
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #feedOf(count: number): { images: Tensor } {
    this.#feeds[count] ??= { [inputName]: this.#cropTensor(count) };
    return this.#feeds[count];
  }

  #cropTensor(count: number): Tensor {
    const size = this.inputSize;
    const crops = this.crops.subarray(0, count * size ** 2 * 3);
    return new Tensor('uint8', crops, [count, size, size, 3]);
  }

  #fetchOf(count: number): Record<string, Tensor | null> {
    this.#fetches[count] ??= { [outputName]: null, ...this.#defectTensor(count) };
    return this.#fetches[count];
  }

  #defectTensor(count: number): { defect?: Tensor } {
    if (this.defects === undefined) return {};
    const { cells, map } = this.defects;
    const values = map.subarray(0, count * cells ** 2 * 2);
    return { [defectName]: new Tensor('float32', values, [count, cells, cells, 2]) };
  }
}

/** Cells along a side of the map of defects; 0 for a network that draws none, or not one of this form. */
function defectCellsOf(session: InferenceSession): number {
  const found = session.outputMetadata.find(({ name }) => name === defectName);
  if (found === undefined || !found.isTensor || found.type !== 'float32') return 0;
  const [, rows, columns, channels] = found.shape;
  return found.shape.length === 4 && typeof rows === 'number' && rows === columns && channels === 2
    ? rows
    : 0;
}

async function createSession(modelFile: string): Promise<InferenceSession> {
  try {
    // Creating a session blocks the thread: at least it does not wait for the disk meanwhile.
    return await InferenceSession.create(await readFile(modelFile), {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // The crops of a frame take a millisecond or two: threads would only fight the camera for the cores, and
      // spinning ones burn them.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new AppError('model-unreadable', `ONNX Runtime cannot load ${modelFile}: ${messageOf(error)}`, {
      hint: 'The file is damaged or needs a newer ONNX Runtime; fetch the release again.',
      cause: error,
    });
  }
}

/** Says everything that differs from the release, not only the first. */
function checkSession(session: InferenceSession, { modelFile, labels, inputSize }: ModelSource): void {
  const problems = [
    ...differences('input', session.inputMetadata, inputName, 'uint8', [undefined, inputSize, inputSize, 3]),
    ...differences('output', session.outputMetadata, outputName, 'float32', [undefined, labels.length]),
  ];
  if (problems.length === 0) return;
  throw new AppError('model-mismatch', `${modelFile} does not fit its release: ${problems.join('; ')}`, {
    hint: 'The manifest and the model come from different trainings; build the release again.',
  });
}

type Shape = readonly (number | undefined)[];

function differences(
  role: string,
  all: readonly InferenceSession.ValueMetadata[],
  name: string,
  type: string,
  shape: Shape,
): string[] {
  const found = all.find((value) => value.name === name);
  if (found === undefined) {
    return [`no ${role} "${name}" (it has ${all.map((value) => `"${value.name}"`).join(', ') || 'none'})`];
  }
  if (!found.isTensor) return [`${role} "${name}" is no tensor`];
  const problems: string[] = [];
  if (found.type !== type) problems.push(`${role} "${name}" is ${found.type}, not ${type}`);
  // A dimension with a name, or none, takes any size.
  const fits =
    found.shape.length === shape.length &&
    shape.every(
      (size, i) => typeof found.shape[i] !== 'number' || found.shape[i] === size || size === undefined,
    );
  if (!fits) problems.push(`${role} "${name}" is ${shapeText(found.shape)}, not ${shapeText(shape)}`);
  if (typeof found.shape[0] === 'number' && found.shape[0] > 0) {
    problems.push(`${role} "${name}" takes ${found.shape[0]} crops at a time, not any number`);
  }
  return problems;
}

function shapeText(shape: readonly (number | string | undefined)[]): string {
  return `[${shape.map((size) => size ?? 'n').join(', ')}]`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
