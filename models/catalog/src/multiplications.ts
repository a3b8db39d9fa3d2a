import type { Network } from './network.ts';

/**
 * Multiply-accumulate operations of one crop [inputSize, inputSize, 3] through convolutions and dense layers, as they run
 * once trained. Pooling and activations are left out, as is usual.
 */
export function multiplicationsOf(network: Network, inputSize: number, labelCount: number): number {
  let side = inputSize;
  let channels = 3;
  let sum = 0;
  let mapChannels = 0;
  for (const layer of network.layers) {
    switch (layer.kind) {
      case 'convolution':
      case 'normalised-convolution':
        side = Math.ceil(side / layer.stride);
        sum += side ** 2 * layer.filters * layer.kernel ** 2 * channels;
        channels = layer.filters;
        break;
      case 'defect-map':
        mapChannels = defectMapChannels;
        sum += side ** 2 * mapChannels * channels;
        break;
      case 'global-average-pooling':
      case 'surface-average-pooling':
        channels += mapChannels;
        break;
      case 'surface-and-peak-pooling':
        channels = 2 * (channels + mapChannels);
        break;
      case 'normalisation':
        sum += channels;
        break;
      case 'embedding':
        sum += channels * layer.units;
        channels = layer.units;
        break;
      case 'map-classifier':
        sum += labelCount;
        break;
      case 'classifier':
        sum += channels * labelCount;
        break;
    }
  }
  return sum;
}

/** Of each cell the share that is defect, and the share that is rot. */
export const defectMapChannels = 2;

/** Cells along a side of the defect map: what the convolutions before it leave of the input; 0 without a map. */
export function defectCellsOf(network: Network, inputSize: number): number {
  let side = inputSize;
  for (const layer of network.layers) {
    if (layer.kind === 'defect-map') return side;
    if ('stride' in layer) side = Math.ceil(side / layer.stride);
  }
  return 0;
}
