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

const momentum = 0.95;

/** Made for 96×96: the map of defects has 12×12 cells there, of which each sees a third of the crop's side. */
const compact: Network = {
  name: 'compact',
  summary:
    'Four convolutions with batch normalisation, a map of defects, average and peak pooling, an embedding of 64: for photographs',
  pixelScale: 1 / 64,
  layers: [
    { kind: 'normalised-convolution', filters: 16, kernel: 5, stride: 2, momentum },
    { kind: 'normalised-convolution', filters: 32, kernel: 3, stride: 2, momentum },
    { kind: 'normalised-convolution', filters: 64, kernel: 3, stride: 2, momentum },
    { kind: 'normalised-convolution', filters: 64, kernel: 3, stride: 1, momentum },
    { kind: 'defect-map' },
    { kind: 'surface-and-peak-pooling' },
    { kind: 'normalisation', momentum },
    { kind: 'embedding', units: 64 },
    { kind: 'classifier' },
  ],
};

/**
 * A classifier of pooled features learns what tells drawn grades apart besides defects; cells of a map, each with its own
 * truth, hardly can (ADR 40). Of 12×12 cells 88 show the fruit.
 */
const local: Network = {
  name: 'local',
  summary:
    'The convolutions of compact, whose map of defects alone decides: for photographs of cameras that it never saw',
  pixelScale: compact.pixelScale,
  layers: [
    ...compact.layers.slice(0, 4),
    { kind: 'defect-map' },
    { kind: 'surface-average-pooling' },
    { kind: 'map-classifier', cells: 32, cellsLearning: 12 },
  ],
};

const table: ReadonlyMap<string, Network> = new Map(
  [sequential, compact, local].map((network) => [network.name, network]),
);

/** What is trained where nobody names another: for single crops of fruit as for the views of a line, on any board. */
export const defaultNetworkName = compact.name;

export const networkNames: readonly string[] = [...table.keys()];

/** Undefined for a name that the catalog does not have. */
export function networkNamed(name: string): Network | undefined {
  return table.get(name);
}
