/**
 * The memory that the kernel works in. A part at its end is handed out, to arrays that need not be copied to be looked at; what a call
 * needs for itself lies before that.
 *
 * Invariants: what a call leaves in the scratch memory is good until the next call; the memory never grows, so that
 * arrays which were handed out stay where they are. Each thread has its own.
 */

/** Address space; the system gives a page when it is first written to. */
const memoryBytes = 128 * 2 ** 20;
/** What was handed out takes no more of it; the rest is scratch. */
const handedOutBytesMax = memoryBytes / 2;
const pageBytes = 65_536;
/** Vector loads may reach past what they need; and every block begins where a vector may. */
export const slackBytes = 32;

/** What is used of it here; the types of Node.js leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const pages = memoryBytes / pageBytes;
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
export const { buffer } = memory;
export const bytes = new Uint8Array(buffer);

/** What the module exports, which is given in base64 and imports this memory; `dataEnd` is where its own data ends. */
export function instantiate<T extends { readonly dataEnd: { readonly value: number } }>(base64: string): T {
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as T;
  nextFree = aligned(exports.dataEnd.value);
  return exports;
}

let nextFree = 0;
let scratchFrom = 0;
/** Where that begins which was handed out: it lies at the end of the memory. */
let handedOutFrom = memoryBytes;
/** Addresses of what was handed out and is used no more, by size. */
const unused = new Map<number, number[]>();
const forgotten = new FinalizationRegistry<{ from: number; size: number }>(({ from, size }) => {
  unused.set(size, [...(unused.get(size) ?? []), from]);
});

/**
 * A buffer for a frame's pixels, or for crops, that need not be copied to be looked at or written; of any content. When it is garbage (it itself,
 * not what was made of its buffer), its place is given to another. When there is no place, it is an array like any other.
 */
export function frameBuffer(frameBytes: number): Uint8Array {
  const from = handOut(frameBytes);
  if (from === undefined) return new Uint8Array(frameBytes);
  return remembered(bytes.subarray(from, from + frameBytes), from);
}

/** The same for numbers of 16 bits, all 0. */
export function residentNumbers(count: number): Int16Array {
  const from = handOut(count * Int16Array.BYTES_PER_ELEMENT);
  if (from === undefined) return new Int16Array(count);
  return remembered(new Int16Array(buffer, from, count).fill(0), from);
}

/** The same for floats, of any content. */
export function residentFloats(count: number): Float32Array {
  const from = handOut(count * Float32Array.BYTES_PER_ELEMENT);
  if (from === undefined) return new Float32Array(count);
  return remembered(new Float32Array(buffer, from, count), from);
}

/** The same for numbers of 64 bits, of any content. */
export function residentDoubles(count: number): Float64Array {
  const from = handOut(count * Float64Array.BYTES_PER_ELEMENT);
  if (from === undefined) return new Float64Array(count);
  return remembered(new Float64Array(buffer, from, count), from);
}

function handOut(count: number): number | undefined {
  const size = aligned(count + slackBytes);
  const again = unused.get(size)?.pop();
  if (again !== undefined) return again;
  if (handedOutFrom - size < memoryBytes - handedOutBytesMax) return undefined;
  handedOutFrom -= size;
  return handedOutFrom;
}

function remembered<T extends Uint8Array | Int16Array | Float32Array | Float64Array>(
  array: T,
  from: number,
): T {
  forgotten.register(array, { from, size: aligned(array.byteLength + slackBytes) });
  return array;
}

/** What is reserved from now on is scratch. */
export function keepReserved(): void {
  scratchFrom = nextFree;
}

/** Begins a call: its scratch memory is all there is. */
export function freeScratch(): void {
  nextFree = scratchFrom;
}

/** The address of so many bytes. */
export function reserve(count: number): number {
  const at = nextFree;
  nextFree += aligned(count + slackBytes);
  if (nextFree > handedOutFrom)
    throw new RangeError(`${count} bytes do not fit into the memory of the kernel`);
  return at;
}

/** Where the frame begins, or would if more of it than rows `top` to `bottom` had been copied. */
export function placeRows(data: Uint8Array, rowBytes: number, top: number, bottom: number): number {
  if (data.buffer === buffer) return data.byteOffset;
  return place(data.subarray(top * rowBytes, bottom * rowBytes)) - top * rowBytes;
}

/** Where a part of crops begins. */
export function placeCrop(crops: Uint8Array, offset: number, count: number): number {
  if (crops.buffer === buffer) return crops.byteOffset + offset;
  return place(crops.subarray(offset, offset + count));
}

/** Where they are, or were copied to. */
export function place(values: Uint8Array | Int16Array | Float32Array | Float64Array): number {
  if (values.buffer === buffer) return values.byteOffset;
  const at = reserve(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  return at;
}

/** What a call changed of values that were placed. */
export function takeBack(values: Int16Array | Float32Array, at: number): void {
  if (values.buffer === buffer) return;
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(
    bytes.subarray(at, at + values.byteLength),
  );
}

function aligned(count: number): number {
  return Math.ceil(count / slackBytes) * slackBytes;
}
