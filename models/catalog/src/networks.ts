import type { Network } from './network.ts';

const sequential: Network = {
  name: 'sequential',
  summary:
    'Two convolutions of 5×5, a map of defects, pooling, one dense layer: small, and fast on any board',
  // Pixels become 0 to 4: about unit variance on a fruit, and the masked background stays zero like the padding.
  pixelScale: 1 / 64,
  layers: [
    { kind: 'convolution', filters: 16, kernel: 5, stride: 2, activation: 'relu' },
    { kind: 'convolution', filters: 32, kernel: 5, stride: 2, activation: 'relu' },
    { kind: 'defect-map' },
    { kind: 'surface-average-pooling' },
    { kind: 'normalisation', momentum: 0.95 },
    { kind: 'classifier' },
  ],
};

const table: ReadonlyMap<string, Network> = new Map([sequential].map((network) => [network.name, network]));

export const networkNames: readonly string[] = [...table.keys()];

/** Undefined for a name that the catalog does not have. */
export function networkNamed(name: string): Network | undefined {
  return table.get(name);
}
