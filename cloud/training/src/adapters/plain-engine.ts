import { tensor, transpose } from '@tensorflow/tfjs-core';
import type { Engine } from '../use-cases/engine.ts';

/** Any backend of TensorFlow.js, as the current one: it gets floats, and images as it wants them. */
export function plainEngine(name: string): Engine {
  return {
    name,
    images: (pixels, shape) => tensor(Float32Array.from(pixels), [...shape]),
    planes: (pixels, shape) => transpose(tensor(Float32Array.from(pixels), [...shape]), [0, 2, 3, 1]),
  };
}
