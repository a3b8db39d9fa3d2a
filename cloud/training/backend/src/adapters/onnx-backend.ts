/**
 * A TensorFlow.js backend on ONNX Runtime. A kernel computes nothing: it adds operations to a graph. A read collects
 * every live tensor that has no data yet and runs the graph for all of them at once; a graph of the same structure is
 * compiled only the first time. So a training step (forward, gradients, optimizer) is one run of one compiled graph.
 */
import {
  type BackendValues,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { arrayOf, expand, reshape } from '../domain/graph/build.ts';
import { type ElementType, sourceOf, type Value } from '../domain/graph/value.ts';
import { imagesFrom, imagesOfPlanes } from '../domain/lowering/functions.ts';
import type { Target } from '../domain/lowering/rule.ts';
import { channelBlockHere } from './channel-block.ts';
import { GraphRunner } from './graph-runner.ts';

export const backendName = 'onnx';
/** A graph that nobody reads is run when it has grown to this many live tensors. */
const pendingCountMax = 4096;
/** From this many elements on, an array that repeats one number is sent as that number. */
const uniformSizeMin = 1024;

interface Entry {
  value: Value;
  references: number;
}

export class OnnxBackend extends KernelBackend {
  readonly name = backendName;
  readonly runner: GraphRunner;
  /** What the kernels are lowered for. */
  target: Target;
  readonly #entries: DataStorage<Entry>;
  readonly #pending = new Set<Entry>();

  constructor(runner = new GraphRunner(), target: Target = { channelBlock: channelBlockHere() }) {
    super();
    this.runner = runner;
    this.target = target;
    this.#entries = new DataStorage(this, engine());
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    this.#entries.set(dataId, { value: sourceFrom(values, shape, dtype), references });
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: DataId): BackendValues {
    const entry = this.#entries.get(dataId);
    if (!entry.value.data) {
      this.#pending.add(entry);
      this.flush();
    }
    return entry.value.data as BackendValues;
  }

  /** Computes every live tensor that has no data yet. */
  flush(): void {
    if (this.#pending.size === 0) return;
    // Two tensors may be one value: a reshape to the same shape, a ReLU asked for twice.
    const targets = [...new Set(Array.from(this.#pending, ({ value }) => value))];
    this.#pending.clear();
    this.runner.evaluate(targets.filter(({ data }) => !data));
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.#entries.delete(dataId);
    this.#pending.delete(entry);
    return true;
  }

  override incRef(dataId: DataId): void {
    this.#entries.get(dataId).references++;
  }

  override refCount(dataId: DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).references : 0;
  }

  override numDataIds(): number {
    return this.#entries.numDataIds();
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['ONNX Runtime keeps arenas of its own'] };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.runner.dispose();
  }

  /** The value of a kernel's input. */
  lookUp(info: TensorInfo): Value {
    const { value } = this.#entries.get(info.dataId);
    return reshape(value, info.shape);
  }

  /** A kernel's result, computed with all others at the next read. */
  tensorInfoOf(value: Value): TensorInfo {
    const info = this.#infoOf(value);
    if (!value.data) this.#pending.add(this.#entries.get(info.dataId));
    if (this.#pending.size > pendingCountMax) this.flush();
    return info;
  }

  /** A tensor that is a mere form of what is known: computed only when it is itself read. */
  formOf(value: Value): Tensor {
    return engine().makeTensorFromTensorInfo(this.#infoOf(value), this);
  }

  /** Bytes [n, h, w, c] as float32, without a copy: they travel as they are. They must not change while it lives. */
  images(bytes: Uint8Array, shape: readonly number[]): Tensor {
    return this.formOf(imagesFrom(sourceOf('uint8', shape, bytes)));
  }

  /** The same from bytes [n, c, h, w]; the tensor is [n, h, w, c]. */
  planes(bytes: Uint8Array, shape: readonly number[]): Tensor {
    return this.formOf(imagesOfPlanes(sourceOf('uint8', shape, bytes)));
  }

  #infoOf(value: Value): TensorInfo {
    const dataId = {};
    this.#entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...value.shape], dtype: dtypeOf(value.type) };
  }
}

function dtypeOf(type: ElementType): DataType {
  if (type === 'float32' || type === 'int32' || type === 'bool') return type;
  throw new Error(`TensorFlow.js has no tensor of ${type}`);
}

function sourceFrom(values: BackendValues, shape: readonly number[], dtype: DataType): Value {
  if (dtype === 'string' || dtype === 'complex64') throw new Error(`no tensors of ${dtype} on this backend`);
  const data = typedArray(values as ArrayLike<number>, dtype);
  if (data.length < uniformSizeMin || !isUniform(data)) return sourceOf(dtype, shape, data);
  return expand(sourceOf(dtype, [], data.slice(0, 1)), shape);
}

/** Every element's bytes equal those of the one before it: a comparison of memory with itself, shifted by one. */
function isUniform(data: Float32Array | Int32Array | Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const shift = data.BYTES_PER_ELEMENT;
  return bytes.subarray(shift).equals(bytes.subarray(0, -shift));
}

function typedArray(values: ArrayLike<number>, type: ElementType): Float32Array | Int32Array | Uint8Array {
  const fits =
    (type === 'float32' && values instanceof Float32Array) ||
    (type === 'int32' && values instanceof Int32Array) ||
    (type === 'bool' && values instanceof Uint8Array);
  return (fits ? values : arrayOf(type, values)) as Float32Array;
}
