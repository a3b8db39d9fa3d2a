/**
 * The exporter: the model is traced like any step of training, on a placeholder, and the graph is written instead of
 * run. The placeholder's batch length is a large prime that occurs nowhere else; wherever it shows up in the graph the
 * file gets the free axis `n`.
 */
import { sigmoid, tidy } from '@tensorflow/tfjs-core';
import { trainingError } from '../domain/errors.ts';
import { type Plan, planOf } from '../domain/graph/plan.ts';
import { type ElementArray, sourceOf, type Value } from '../domain/graph/value.ts';
import { imagesFrom } from '../domain/lowering/functions.ts';
import { portable } from '../domain/lowering/rule.ts';
import { modelBytes } from '../domain/onnx/model.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import type { BuiltModel } from '../use-cases/build-model.ts';
import { calibratedProbabilities } from '../use-cases/calibrated-probabilities.ts';
import type { OnnxBackend } from './onnx-backend.ts';

const placeholderBatch = 999_983;

export interface ExportOptions {
  readonly calibration: Calibration;
  /** Goes into the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The graph of a model on a placeholder of images: what is written, or rewritten first. */
export interface TracedModel {
  readonly network: string;
  readonly images: Value;
  readonly outputs: ReadonlyMap<string, Value>;
}

/**
 * `images` uint8 [n, S, S, 3] → `probabilities` float32 [n, labels] (softmax of the calibrated logits) and `embedding`
 * float32 [n, features], and `defect` float32 [n, cells, cells, 2] where the network has a map. Throws `not-exportable`.
 */
export function traceModel(backend: OnnxBackend, model: BuiltModel, calibration: Calibration): TracedModel {
  const { inputSize } = model;
  const images = sourceOf('uint8', [placeholderBatch, inputSize, inputSize, 3], new Uint8Array());
  const outputs = new Map<string, Value>();
  tracing(backend, () => {
    const { logits, embedding, defectLogits } = model.forward(backend.formOf(imagesFrom(images)));
    for (const [name, tensor] of Object.entries({
      probabilities: calibratedProbabilities(logits, calibration),
      embedding,
      ...(defectLogits === undefined ? {} : { defect: sigmoid(defectLogits) }),
    })) {
      outputs.set(name, backend.lookUp(tensor));
    }
  });
  const targets = [...outputs.values()];
  const independent = independentOf(images, planOf(targets));
  if (independent.some(({ shape }) => shape.some(holdsBatch))) throw notExportable(fixedNumber);
  backend.runner.evaluate(independent);
  checkImagesStayApart(images, planOf(targets));
  return { network: model.network.name, images, outputs };
}

export interface WriteOptions {
  /** Goes into the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Numbers for names: in a small file of integers they would take a sixth. */
  readonly shortNames?: boolean;
}

/** The bytes of an ONNX file of opset 17. Throws `not-exportable`. */
export function writeOnnx(
  { network, images, outputs }: TracedModel,
  { metadata = {}, shortNames = false }: WriteOptions = {},
): Uint8Array<ArrayBuffer> {
  const plan = planOf([...outputs.values()]);
  const names = new Map([[images, 'images'], ...[...outputs].map(([name, value]) => [value, name] as const)]);
  return modelBytes(plan, {
    name: network,
    inputs: [images],
    nameOf: (value) => {
      const index = plan.indexOf.get(value)!;
      if (shortNames) return names.get(value) ?? index.toString(36);
      return names.get(value) ?? `${value.operation?.name ?? 'constant'}_${index}`;
    },
    namelessNodes: shortNames,
    dimensionsOf: ({ shape }) => shape.map((length) => (length === placeholderBatch ? 'n' : length)),
    contentOf: freeBatchIn(plan),
    metadata,
  });
}

/** `traceModel` and `writeOnnx` in one. */
export function exportOnnx(
  backend: OnnxBackend,
  model: BuiltModel,
  { calibration, metadata }: ExportOptions,
): Uint8Array<ArrayBuffer> {
  return writeOnnx(traceModel(backend, model, calibration), { metadata });
}

/** Lowers to standard operations meanwhile, and forgets every tensor afterwards. */
function tracing(backend: OnnxBackend, trace: () => void): void {
  const { target } = backend;
  backend.target = portable;
  try {
    tidy(trace);
  } finally {
    backend.target = target;
  }
}

/** What depends on the images and has lost their number is made of several of them. */
function checkImagesStayApart(images: Value, plan: Plan): void {
  const mixed = [...dependentOn(images, plan)].find(({ shape }) => !shape.some(holdsBatch));
  if (mixed) throw notExportable(`${mixed.operation!.name} mixes the images of a batch`);
}

/** Results that the input has no part in, as late in the graph as possible: they are computed now and stored. */
function independentOf(input: Value, plan: Plan): Value[] {
  const dependent = dependentOn(input, plan);
  const inputsOfDependent = plan.results
    .filter((result) => dependent.has(result))
    .flatMap((result) => result.operation!.inputs);
  return [...new Set(inputsOfDependent)].filter((value) => !value.data && !dependent.has(value));
}

function dependentOn(input: Value, plan: Plan): Set<Value> {
  const dependent = new Set<Value>([input]);
  for (const result of plan.results) {
    if (result.operation!.inputs.some((each) => dependent.has(each))) dependent.add(result);
  }
  return dependent;
}

/** A shape that contains the batch length leaves that axis to be inferred; any other use of it bakes the batch in. */
function freeBatchIn(plan: Plan): (constant: Value) => ElementArray {
  const shapes = new Set(
    plan.results.flatMap(({ operation }) => (operation!.name === 'Reshape' ? [operation!.inputs[1]!] : [])),
  );
  return (constant) => {
    const data = constant.data!;
    if (!(data instanceof BigInt64Array)) return data;
    const freed = data.map((length) => (holdsBatch(Number(length)) ? -1n : length));
    const count = freed.filter((length, at) => length !== data[at]).length;
    if (count > 0 && (count > 1 || !shapes.has(constant))) throw notExportable(fixedNumber);
    return freed;
  };
}

const fixedNumber = 'an operation fixes the number of images';

function holdsBatch(length: number): boolean {
  return length !== 0 && length % placeholderBatch === 0;
}

function notExportable(reason: string): Error {
  return trainingError('not-exportable', `the network cannot be exported: ${reason}`);
}
