/**
 * The exporter: a network is traced like any step of training, on a placeholder, and the graph is written instead of
 * run. The placeholder's batch length is a large prime that occurs nowhere else; wherever it shows up in the graph the
 * file gets the free axis `n`.
 */
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Plan, planOf } from '../domain/graph/plan.ts';
import { type ElementArray, sourceOf, type Value } from '../domain/graph/value.ts';
import { imagesFrom } from '../domain/lowering/functions.ts';
import { portable } from '../domain/lowering/rule.ts';
import { modelBytes } from '../domain/onnx/model.ts';
import type { OnnxBackend } from './onnx-backend.ts';

const placeholderBatch = 999_983;

/** A network that no file can hold: its message says why. */
export class NotExportable extends Error {
  override readonly name = 'NotExportable';
}

/** What a network makes of a placeholder of images: what is written, or rewritten first. */
export interface TracedGraph {
  readonly name: string;
  readonly images: Value;
  readonly outputs: ReadonlyMap<string, Value>;
}

export interface ImagesShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * `forward` gets float32 [n, height, width, channels] of bytes 0 to 255, and each of its results has `n` as its first axis. The file that is written of it
 * takes `images` uint8 [n, height, width, channels] and has an output for each name. Throws `NotExportable`.
 */
export function traceGraph(
  backend: OnnxBackend,
  name: string,
  { height, width, channels }: ImagesShape,
  forward: (images: Tensor) => Readonly<Record<string, Tensor>>,
): TracedGraph {
  const images = sourceOf('uint8', [placeholderBatch, height, width, channels], new Uint8Array());
  const outputs = new Map<string, Value>();
  tracing(backend, () => {
    for (const [output, tensor] of Object.entries(forward(backend.formOf(imagesFrom(images)))))
      outputs.set(output, backend.lookUp(tensor));
  });
  const targets = [...outputs.values()];
  const independent = independentOf(images, planOf(targets));
  if (independent.some(({ shape }) => shape.some(holdsBatch))) throw new NotExportable(fixedNumber);
  backend.runner.evaluate(independent);
  checkImagesStayApart(images, planOf(targets));
  return { name, images, outputs };
}

export interface ExportSettings {
  /** Goes into the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Numbers for names: in a small file of integers they would take a sixth. */
  readonly shortNames?: boolean;
}

/** The bytes of an ONNX file of opset 17. Throws `NotExportable`. */
export function writeOnnx(
  { name, images, outputs }: TracedGraph,
  { metadata = {}, shortNames = false }: ExportSettings = {},
): Uint8Array<ArrayBuffer> {
  const plan = planOf([...outputs.values()]);
  const names = new Map([[images, 'images'], ...[...outputs].map(([name, value]) => [value, name] as const)]);
  return modelBytes(plan, {
    name,
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
  if (mixed) throw new NotExportable(`${mixed.operation!.name} mixes the images of a batch`);
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
    if (count > 0 && (count > 1 || !shapes.has(constant))) throw new NotExportable(fixedNumber);
    return freed;
  };
}

const fixedNumber = 'an operation fixes the number of images';

function holdsBatch(length: number): boolean {
  return length !== 0 && length % placeholderBatch === 0;
}
