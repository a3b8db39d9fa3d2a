import type { Network } from '@pomona/catalog';
import { expect, it } from 'vitest';
import { trainingOperations } from './product-peer.ts';

it('counts both gradients of a layer, but of the first one only that of its weights', () => {
  const network: Network = {
    name: 'small',
    summary: '',
    pixelScale: 1,
    layers: [
      { kind: 'convolution', filters: 2, kernel: 3, stride: 1, activation: 'relu' },
      { kind: 'global-average-pooling' },
      { kind: 'classifier' },
    ],
  };
  const convolution = 4 * 4 * 2 * 3 * 3 * 3;
  const classifier = 2 * 3;
  expect(trainingOperations(network, 4, 1e9)).toBe(2 * (2 * convolution + 3 * classifier));
});
