import type { Tensor } from '@tensorflow/tfjs-core';

/** The backend, as far as training needs to know it. */
export interface Engine {
  /** uint8 pixels [n, S, S, 3] as a float32 tensor. They must not change before the next read of any tensor. */
  images(pixels: Uint8Array, shape: readonly number[]): Tensor;
}
