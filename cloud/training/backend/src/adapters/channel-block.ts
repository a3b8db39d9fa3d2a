/**
 * Asks ONNX Runtime for the blocks of its own convolutions. Their operations are its internal affair: a machine may
 * have none, and another version may store them otherwise. So they are used only after they gave, here and now, the
 * same numbers as the standard ones.
 */
import { planOf } from '../domain/graph/plan.ts';
import { resultOf, sizeOf, sourceOf, type Value } from '../domain/graph/value.ts';
import {
  blockedFilterGradient,
  blockedForward,
  blockedInputGradient,
} from '../domain/lowering/blocked-convolutions.ts';
import {
  standardFilterGradient,
  standardForward,
  standardInputGradient,
} from '../domain/lowering/standard-convolutions.ts';
import { windowOf } from '../domain/lowering/window.ts';
import { modelBytes } from '../domain/onnx/model.ts';
import { type NamedArray, openSession } from './ort-session.ts';

const toleratedError = 1e-4;

/** Channels per block on this machine; 0 where standard operations must do. */
export function channelBlockHere(): number {
  try {
    const block = offeredBlock();
    return block > 1 && agrees(block) ? block : 0;
  } catch (error) {
    // The runtime reports an operation that it does not have as a plain error.
    if (error instanceof Error && /ReorderInput|nchwc/i.test(error.message)) return 0;
    throw error;
  }
}

/** Four channels (it takes no fewer), reordered, are filled up to a whole block. */
function offeredBlock(): number {
  const channels = filled([1, 4, 1, 1]);
  const [reordered] = run([
    resultOf('ReorderInput', [channels], 'float32', channels.shape, {}, 'com.microsoft.nchwc'),
  ]);
  return reordered!.length;
}

function agrees(block: number): boolean {
  const [x, filter, dy] = [filled([2, 6, 6, block]), filled([3, 3, block, block]), filled([2, 3, 3, block])];
  const attributes = { strides: 2, pad: 'same', dataFormat: 'NHWC' } as const;
  const window = windowOf(x.shape, filter.shape, attributes);
  const fast = [
    blockedForward(x, filter, window, block),
    blockedInputGradient(dy, filter, window, block),
    blockedFilterGradient(x, dy, window, block),
  ];
  const plain = [
    standardForward(x, filter, window),
    standardInputGradient(dy, filter, window),
    standardFilterGradient(x, dy, window),
  ];
  const results = run([...fast.map((each) => each!), ...plain]);
  return fast.every((_, at) => differ(results[at]!, results[at + fast.length]!) <= toleratedError);
}

function differ(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((number, at) => Math.abs(number - b[at]!)));
}

/** Any numbers will do that are all different, and about 1. */
function filled(shape: readonly number[]): Value {
  return sourceOf(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at * 1.7)),
  );
}

function run(targets: readonly Value[]): Float32Array[] {
  const plan = planOf(targets);
  const nameOf = (value: Value): string => `v${plan.indexOf.get(value)}`;
  // What a block adds to a shape is not known here, so no length is promised.
  const dimensionsOf = ({ shape }: Value) => shape.map((_, axis) => `d${axis}`);
  const model = modelBytes(plan, { name: 'probe', nameOf, dimensionsOf, inputs: plan.sources });
  const session = openSession(model, { threads: 1 });
  const inputs = new Map(
    plan.sources.map(({ type, shape, data }, at): [string, NamedArray] => [
      nameOf(plan.sources[at]!),
      { type, shape, data: data! },
    ]),
  );
  try {
    return session.run(inputs, targets.map(nameOf)) as Float32Array[];
  } finally {
    session.dispose();
  }
}
