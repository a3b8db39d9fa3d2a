/** The fastest that this machine multiplies and adds by ONNX Runtime: one large plain product, on all its threads. A training step can hardly be faster. */
import { multiplicationsOf, type Network } from '@pomona/catalog';
import { systemClock } from '@pomona/wire';
import { matMul, randomUniform, sum, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { benchLabels } from './bench-steps.ts';

const side = 1536;
/** A multiplication and an addition. */
const each = 2;

export const productName = `ONNX Runtime, two matrices of ${side}×${side}`;

export interface ProductPeer {
  /** Thousand million operations a second. */
  measure(seconds: number): number;
  stop(): void;
}

/** On the ONNX backend, which must be the current one. */
export function startProductPeer(): ProductPeer {
  const factors = [randomUniform([side, side]), randomUniform([side, side])] as unknown as [
    Tensor2D,
    Tensor2D,
  ];
  const multiply = () => tidy(() => sum(matMul(...factors)).dataSync());
  // Compiled, and its factors are numbers by then.
  for (let warmUp = 0; warmUp < 3; warmUp++) multiply();
  return {
    measure: (seconds) => {
      const fromMs = systemClock.monotonicMs();
      for (let products = 1; ; products++) {
        multiply();
        const spentMs = systemClock.monotonicMs() - fromMs;
        if (spentMs >= seconds * 1000) return (products * each * side ** 3) / spentMs / 1e6;
      }
    },
    stop: () => {
      for (const factor of factors) factor.dispose();
    },
  };
}

/**
 * Thousand million operations a second of so many images learnt from: forward, and for the gradients of what comes in and of the weights as many each. The
 * first layer's own input, the picture, needs none.
 */
export function trainingOperations(network: Network, size: number, imagesPerS: number): number {
  const labels = benchLabels.length;
  const first = multiplicationsOf({ ...network, layers: network.layers.slice(0, 1) }, size, labels);
  const forward = multiplicationsOf(network, size, labels);
  return ((3 * forward - first) * each * imagesPerS) / 1e9;
}
