/**
 * A network's learned numbers, to go on from: one line of JSON (which network, its input, the shapes, what it learnt from), then float32
 * little-endian, one variable after the other.
 */
import type { Standardise } from '@pomona/wire';
import { trainingError } from '../domain/errors.ts';
import type { BuiltModel } from './build-model.ts';
import { assignNumbers, numbersOf } from './variables.ts';

const newline = 0x0a;

/** `standardise`: what was done to the colours of the crops that it learnt from. */
export function weightsFileOf(model: BuiltModel, standardise?: Standardise): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify({ ...headOf(model), standardise })}\n`);
  const parts = numbersOf(model.variables);
  const bytes = new Uint8Array(head.length + parts.reduce((sum, part) => sum + part.byteLength, 0));
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer), at);
    at += part.byteLength;
  }
  return bytes;
}

/** Error: `weights-unsuited` when they are not of the same network, input and number of labels. */
export function loadWeights(model: BuiltModel, file: Uint8Array): void {
  const end = file.indexOf(newline);
  // A copy of its own, aligned for floats: the `slice` of a Buffer is a view of memory that it shares.
  const values = new Uint8Array(file.subarray(end + 1));
  const count = model.variables.reduce((sum, { size }) => sum + size, 0);
  const of = weightsHeadOf(file);
  const { network, inputSize } = model;
  if (of !== undefined && (of.network !== network.name || of.inputSize !== inputSize)) {
    throw trainingError(
      'weights-unsuited',
      `the weights are of ${of.network} with crops of ${of.inputSize} pixels, not of ${network.name} with ${inputSize}`,
    );
  }
  // Weights may go on to learn from other colours.
  const { standardise: _, ...head } = of ?? {};
  if (
    JSON.stringify(head) !== JSON.stringify(headOf(model)) ||
    values.byteLength !== count * Float32Array.BYTES_PER_ELEMENT
  ) {
    throw trainingError(
      'weights-unsuited',
      `the weights are not of ${model.network.name} as it is to be trained`,
    );
  }
  const floats = new Float32Array(values.buffer);
  let at = 0;
  const numbers = model.variables.map(({ size }) => {
    at += size;
    return floats.slice(at - size, at);
  });
  assignNumbers(model.variables, numbers);
}

interface WeightsHead {
  readonly network: string;
  readonly inputSize: number;
  readonly standardise?: Standardise;
}

/** What the file says of itself; undefined where that cannot be read. */
export function weightsHeadOf(file: Uint8Array): WeightsHead | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(file.subarray(0, Math.max(0, file.indexOf(newline)))));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function headOf({ network, inputSize, variables }: BuiltModel) {
  return { v: 1, network: network.name, inputSize, shapes: variables.map(({ shape }) => shape) };
}
