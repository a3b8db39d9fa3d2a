/**
 * ONNX Runtime's sessions, run synchronously. The public `InferenceSession` is asynchronous in form only: it calls the
 * same native `run` and blocks there. TensorFlow.js reads tensors synchronously (`dataSync`), so we call it directly.
 */
import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import { type Binding, binding, initOrt } from 'onnxruntime-node/dist/binding.js';
import type { ElementArray, ElementType } from '../domain/graph/value.ts';

export interface NamedArray {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

export interface OrtSession {
  run(inputs: ReadonlyMap<string, NamedArray>, outputs: readonly string[]): ElementArray[];
  dispose(): void;
}

export interface SessionOptions {
  /** One thread needs no pool: such a session opens ten times faster. Default: as many as there are cores. */
  readonly threads?: 1;
  /** Writes a profile of every operation when the session ends. */
  readonly profilePrefix?: string | undefined;
  /** Where to write the graph that really runs. */
  readonly optimizedFile?: string;
}

export function openSession(model: Uint8Array<ArrayBuffer>, options: SessionOptions = {}): OrtSession {
  const { threads, profilePrefix, optimizedFile } = options;
  initOrt();
  const session: Binding.InferenceSession = new binding.InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // What fails is thrown; it need not be printed as well.
    logSeverityLevel: 4,
    ...(threads ? { intraOpNumThreads: threads } : {}),
    ...(profilePrefix ? { enableProfiling: true, profileFilePrefix: profilePrefix } : {}),
    ...(optimizedFile ? { optimizedModelFilePath: optimizedFile } : {}),
    // Threads that spin while they wait take the core from whatever else runs here, and gain nothing measurable.
    extra: {
      session: { intra_op: { allow_spinning: '0' } },
    },
  });
  return {
    run: (inputs, outputs) => {
      const feeds: Record<string, Tensor> = {};
      for (const [name, { type, shape, data }] of inputs)
        feeds[name] = new Tensor(type, data as Float32Array, shape);
      const fetches: Record<string, null> = {};
      for (const name of outputs) fetches[name] = null;
      const results = session.run(feeds, fetches, {}) as Record<string, Tensor>;
      return outputs.map((name) => results[name]!.data as ElementArray);
    },
    dispose: () => {
      if (profilePrefix) session.endProfiling();
      session.dispose();
    },
  };
}
