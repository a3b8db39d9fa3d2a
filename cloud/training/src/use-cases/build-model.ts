import type { Network, NetworkLayer } from '@pomona/catalog';
import { engine, mul, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { trainingError } from '../domain/errors.ts';

export interface BuiltModel {
  readonly network: Network;
  readonly layers: readonly tfl.layers.Layer[];
  readonly inputSize: number;
  /** What gradients are for. */
  readonly trainable: readonly Variable[];
  /** Everything that was learned. */
  readonly variables: readonly Variable[];
  /**
   * Pixels 0 to 255, float32 [n, S, S, 3] → logits [n, labels], embedding [n, features]. In training, normalisation goes
   * by the batch, and its running figures are brought up to date.
   */
  forward(pixels: Tensor, training?: boolean): { readonly logits: Tensor; readonly embedding: Tensor };
  dispose(): void;
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
  const layers = network.layers.map((layer, at) => layerOf(layer, labelCount, seed + at));
  layers.forEach((layer) => {
    embedding = output;
    output = layer.apply(output) as tfl.SymbolicTensor;
    if (output.shape.some((length) => length !== null && length < 1)) {
      throw trainingError(
        'network-unsuited',
        `an input of ${inputSize} pixels is too small for ${network.name}`,
      );
    }
  });
  const model = tfl.model({ inputs: input, outputs: [output, embedding] });
  const registered = engine().registeredVariables;
  return {
    network,
    layers,
    inputSize,
    trainable: model.trainableWeights.map(({ name }) => registered[name]!),
    variables: model.weights.map(({ name }) => registered[name]!),
    forward: (pixels, training = false) =>
      tidy(() => {
        const [logits, features] = model.apply(mul(pixels, network.pixelScale), { training }) as Tensor[];
        return { logits: logits!, embedding: features! };
      }),
    dispose: () => {
      model.dispose();
    },
  };
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
    case 'global-average-pooling':
      return tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' });
    case 'normalisation':
      return tfl.layers.batchNormalization({ momentum: layer.momentum });
    case 'classifier':
      return tfl.layers.dense({
        units: labelCount,
        kernelInitializer: tfl.initializers.glorotUniform({ seed }),
      });
  }
}
