import { defectMapChannels, type Network, type NetworkLayer } from '@pomona/catalog';
import { engine, mul, type Tensor, tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { trainingError } from '../domain/errors.ts';
import { HighestCells } from './highest-cells.ts';
import { NormalisedConvolution } from './normalised-convolution.ts';
import { peakCells, SurfaceAndPeakPooling } from './surface-and-peak-pooling.ts';
import { SurfaceAveragePooling } from './surface-average-pooling.ts';

export interface BuiltModel {
  readonly network: Network;
  readonly layers: readonly tfl.layers.Layer[];
  readonly inputSize: number;
  /** Of a network whose map decides. */
  readonly highestCells?: HighestCells | undefined;
  /** What gradients are for. */
  readonly trainable: readonly Variable[];
  /** Everything that was learned. */
  readonly variables: readonly Variable[];
  /**
   * Pixels 0 to 255, float32 [n, S, S, 3] → logits [n, labels], embedding [n, features], and, for a network that has a
   * defect map, its logits [n, cells, cells, 2]. In training, normalisation goes by the batch, and its running figures
   * are brought up to date.
   */
  forward(pixels: Tensor, training?: boolean): ModelOutputs;
  dispose(): void;
}

export interface ModelOutputs {
  readonly logits: Tensor;
  readonly embedding: Tensor;
  readonly defectLogits?: Tensor | undefined;
}

/** Layers of TensorFlow.js for a network of the catalog. Throws `network-unsuited` when the input is too small for it. */
export function buildModel(
  network: Network,
  inputSize: number,
  labelCount: number,
  seed: number,
): BuiltModel {
  const input = tfl.input({ shape: [inputSize, inputSize, 3] });
  let embedding = input;
  let output = input;
  let defectLogits: tfl.SymbolicTensor | undefined;
  let highestCells: HighestCells | undefined;
  const layers = network.layers.map((layer, at) => layerOf(layer, labelCount, seed + at));
  layers.forEach((layer, at) => {
    const spec = network.layers[at]!;
    const { kind } = spec;
    if (kind === 'defect-map') {
      defectLogits = layer.apply(output) as tfl.SymbolicTensor;
      return;
    }
    embedding = output;
    if (spec.kind === 'map-classifier') {
      if (!defectLogits)
        throw trainingError('network-unsuited', `${network.name} has no map of defects to grade by`);
      highestCells = new HighestCells(spec);
      output = layer.apply(highestCells.apply(defectLogits)) as tfl.SymbolicTensor;
      return;
    }
    // ONNX Runtime must not be given a window that the map does not hold.
    if (kind === 'surface-and-peak-pooling' && (output.shape[1] ?? 0) < peakCells)
      throw tooSmall(network, inputSize);
    output = layer.apply(output) as tfl.SymbolicTensor;
    if (isPooling(kind) && defectLogits) {
      // Pooled apart and joined afterwards: the same numbers, without a copy of every feature of every cell.
      const map = tfl.layers.activation({ activation: 'sigmoid' }).apply(defectLogits);
      const share = layerOf(network.layers[at]!, labelCount, seed).apply(map) as tfl.SymbolicTensor;
      output = tfl.layers.concatenate().apply([output, share]) as tfl.SymbolicTensor;
    }
    if (output.shape.some((length) => length !== null && length < 1)) throw tooSmall(network, inputSize);
  });
  const outputs = [output, embedding, ...(defectLogits === undefined ? [] : [defectLogits])];
  const model = tfl.model({ inputs: input, outputs });
  const registered = engine().registeredVariables;
  return {
    network,
    layers,
    inputSize,
    highestCells,
    trainable: model.trainableWeights.map(({ name }) => registered[name]!),
    variables: model.weights.map(({ name }) => registered[name]!),
    forward: (pixels, training = false) =>
      tidy(() => {
        const scaled = mul(pixels, network.pixelScale);
        const [logits, features, defects] = model.apply(scaled, { training }) as Tensor[];
        return { logits: logits!, embedding: features!, defectLogits: defects };
      }),
    dispose: () => {
      model.dispose();
    },
  };
}

function tooSmall(network: Network, inputSize: number): Error {
  return trainingError(
    'network-unsuited',
    `an input of ${inputSize} pixels is too small for ${network.name}`,
  );
}

function isPooling(kind: NetworkLayer['kind']): boolean {
  return kind.endsWith('-pooling');
}

function layerOf(layer: NetworkLayer, labelCount: number, seed: number): tfl.layers.Layer {
  switch (layer.kind) {
    case 'convolution':
      return tfl.layers.conv2d({
        filters: layer.filters,
        kernelSize: layer.kernel,
        strides: layer.stride,
        padding: 'same',
        activation: layer.activation,
        kernelInitializer: tfl.initializers.heNormal({ seed }),
      });
    case 'normalised-convolution':
      return new NormalisedConvolution({ ...layer, seed });
    case 'defect-map':
      return tfl.layers.conv2d({
        filters: defectMapChannels,
        kernelSize: 1,
        kernelInitializer: tfl.initializers.glorotUniform({ seed }),
        // Most of most fruit is sound.
        biasInitializer: tfl.initializers.constant({ value: -3 }),
      });
    case 'surface-average-pooling':
      return new SurfaceAveragePooling();
    case 'surface-and-peak-pooling':
      return new SurfaceAndPeakPooling();
    case 'global-average-pooling':
      return tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' });
    case 'normalisation':
      return tfl.layers.batchNormalization({ momentum: layer.momentum });
    case 'embedding':
      return tfl.layers.dense({
        units: layer.units,
        kernelInitializer: tfl.initializers.glorotUniform({ seed }),
      });
    case 'map-classifier':
      return tfl.layers.dense({
        units: labelCount,
        // Labels stand from best to worst: from the first step on more defect means a worse grade.
        weights: [
          tensor(
            Float32Array.from({ length: labelCount }, (_, label) => label - (labelCount - 1) / 2),
            [1, labelCount],
          ),
          zeros([labelCount]),
        ],
      });
    case 'classifier':
      return tfl.layers.dense({
        units: labelCount,
        kernelInitializer: tfl.initializers.glorotUniform({ seed }),
      });
  }
}
