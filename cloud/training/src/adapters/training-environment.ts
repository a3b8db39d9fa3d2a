import { availableParallelism, cpus } from 'node:os';
import type { TrainingEnvironment } from '@pomona/wire';
import { version_core } from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';
import { env } from 'onnxruntime-node';
import type { LearningEngine } from './learning-engine.ts';

/** What this process computes with. Another processor, another number of cores or another library rounds otherwise in the last places. */
export function trainingEnvironment({ name, packages }: LearningEngine): TrainingEnvironment {
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    engine: name,
    packages: {
      '@tensorflow/tfjs-core': version_core,
      '@tensorflow/tfjs-layers': version_layers,
      'onnxruntime-node': env.versions.node ?? env.versions.common,
      ...packages,
    },
  };
}
