import type { Tensor } from '@tensorflow/tfjs-core';

/** The backend, as far as training needs to know it. The pixels must not change while a tensor of them lives. */
export interface Engine {
  readonly name: string;
  /** Pixels uint8 [n, S, S, 3] as float32. */
  images(pixels: Uint8Array, shape: readonly number[]): Tensor;
  /** Pixels uint8 [n, 3, S, S], which the backend need not rearrange, as float32 [n, S, S, 3]. */
  planes(pixels: Uint8Array, shape: readonly number[]): Tensor;
}
