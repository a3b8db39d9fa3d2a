import {
  findBackend,
  getKernelsForBackend,
  type KernelFunc,
  type NamedTensorInfoMap,
  registerBackend,
  registerKernel,
  setBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Value } from '../domain/graph/value.ts';
import type { Target } from '../domain/lowering/rule.ts';
import { rules } from '../domain/lowering/rules.ts';
import { registerDilatedGradients } from './dilated-gradients.ts';
import { registerLeanGradients } from './lean-gradients.ts';
import { backendName, OnnxBackend } from './onnx-backend.ts';

/** Registers backend and kernels once per process and makes the backend the current one. */
export async function useOnnxBackend(make = () => new OnnxBackend()): Promise<OnnxBackend> {
  const found = findBackend(backendName);
  if (found instanceof OnnxBackend) {
    registerDilatedGradients(backendName);
    await setBackend(backendName);
    return found;
  }
  const backend = make();
  registerBackend(backendName, () => backend);
  if (getKernelsForBackend(backendName).length === 0) {
    registerKernels();
    registerLeanGradients();
    registerDilatedGradients(backendName);
  }
  await setBackend(backendName);
  return backend;
}

type Lower = (inputs: unknown, attributes: unknown, target: Target) => Value | readonly Value[];

function registerKernels(): void {
  for (const [kernelName, rule] of Object.entries(rules)) {
    const lower = rule as unknown as Lower;
    registerKernel({
      backendName,
      kernelName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const onnx = backend as OnnxBackend;
        const result = lower(valuesOf(onnx, inputs), attrs ?? {}, onnx.target);
        return isList(result) ? result.map((each) => onnx.tensorInfoOf(each)) : onnx.tensorInfoOf(result);
      },
    });
  }
  registerKernel({ backendName, kernelName: 'Identity', kernelFunc: identity });
}

/** Shares the data of its input. */
const identity: KernelFunc = ({ inputs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  (backend as OnnxBackend).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

function valuesOf(backend: OnnxBackend, inputs: NamedTensorInfoMap): unknown {
  if (Array.isArray(inputs)) return inputs.map((each: TensorInfo) => backend.lookUp(each));
  const values: Record<string, Value> = {};
  for (const [name, info] of Object.entries(inputs)) if (info) values[name] = backend.lookUp(info);
  return values;
}

function isList(result: Value | readonly Value[]): result is readonly Value[] {
  return Array.isArray(result);
}
