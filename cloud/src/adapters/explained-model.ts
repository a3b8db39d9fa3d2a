import { readFile } from 'node:fs/promises';
import {
  type Evidence,
  type ExplainableModel,
  evidenceOf,
  explainableModel,
} from '@pomona/training/evidence';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Rounding of 32-bit numbers; more is another network than it was taken for. */
const tolerance = 2e-3;

export interface Said {
  readonly probabilities: ArrayLike<number>;
  /** Where that comes from; not of every network. */
  readonly found?: { readonly evidence: Evidence; readonly base: readonly number[] };
}

interface Head {
  readonly weights: number[][];
  readonly base: number[];
  readonly typical: ArrayLike<number>;
}

/** A network as its ONNX file has it, which also says where in the picture its logits come from. */
export class ExplainedModel {
  readonly #session: InferenceSession;
  readonly #how: ExplainableModel | undefined;
  #head: Head | undefined;

  constructor(session: InferenceSession, how: ExplainableModel | undefined) {
    this.#session = session;
    this.#how = how;
  }

  static async open(file: string): Promise<ExplainedModel> {
    const bytes = await readFile(file);
    const how = explainableModel(bytes);
    return new ExplainedModel(await sessionOf(how?.file ?? bytes), how);
  }

  /** `crop` uint8 [size, size, 3]. */
  async look(crop: Uint8Array, size: number): Promise<Said> {
    const images = new Tensor('uint8', crop, [1, size, size, 3]);
    const how = this.#how;
    const wanted = how && [...new Set(how.parts.map(({ cells }) => cells)), how.pooled, how.logits];
    const outputs = await this.#session.run({ images }, ['probabilities', ...(wanted ?? [])]);
    const probabilities = floatsOf(outputs, 'probabilities');
    if (how === undefined) return { probabilities };
    this.#head ??= await readHead(how, floatsOf(outputs, how.pooled).length);
    const { base } = this.#head;
    const cellsOf = (name: string) => ({ data: floatsOf(outputs, name), dims: outputs[name]!.dims });
    const evidence = evidenceOf(how.parts, cellsOf, this.#head);
    const isWhole =
      evidence !== undefined &&
      addsUp(
        floatsOf(outputs, how.logits),
        evidence.byLabel.map((cells, label) => cells.reduce((sum, cell) => sum + cell, base[label]!)),
      );
    return isWhole ? { probabilities, found: { evidence, base } } : { probabilities };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** A linear map is known by what it makes of one step in each direction. */
async function readHead(
  { head, pooled, logits, typical }: ExplainableModel,
  features: number,
): Promise<Head> {
  const from = typical?.length === features ? typical : new Float32Array(features);
  const rows = new Float32Array((features + 1) * features);
  for (let row = 0; row <= features; row++) rows.set(from, row * features);
  for (let feature = 0; feature < features; feature++) rows[(feature + 1) * features + feature]! += 1;
  const session = await sessionOf(head);
  try {
    const outputs = await session.run({ [pooled]: new Tensor('float32', rows, [features + 1, features]) });
    const values = floatsOf(outputs, logits);
    const labels = values.length / (features + 1);
    const rowOf = (row: number) => [...values.subarray(row * labels, (row + 1) * labels)];
    const base = rowOf(0);
    const weights = Array.from({ length: features }, (_, feature) =>
      rowOf(feature + 1).map((value, label) => value - base[label]!),
    );
    return { weights, base, typical: from };
  } finally {
    await session.release();
  }
}

function addsUp(logits: Float32Array, sums: readonly number[]): boolean {
  return sums.every(
    (sum, label) => Math.abs(sum - logits[label]!) <= tolerance * Math.max(1, Math.abs(logits[label]!)),
  );
}

function floatsOf(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`it gives no ${name}`);
  return data;
}

function sessionOf(bytes: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
}
