import type { Network, NetworkLayer } from '@pomona/catalog';
import { engine, mul, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { trainingError } from '../domain/errors.ts';

export interface BuiltModel {
  readonly network: Network;
  readonly inputSize: number;
  readonly variables: readonly Variable[];
  /** Pixels 0 to 255, float32 [n, S, S, 3] → logits [n, labels], embedding [n, features]. */
  forward(pixels: Tensor): { readonly logits: Tensor; readonly embedding: Tensor };
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
  network.layers.forEach((layer, at) => {
    embedding = output;
    output = layerOf(layer, labelCount, seed + at).apply(output) as tfl.SymbolicTensor;
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
    inputSize,
    variables: model.trainableWeights.map(({ name }) => registered[name]!),
    forward: (pixels) =>
      tidy(() => {
        const [logits, features] = model.apply(mul(pixels, network.pixelScale)) as Tensor[];
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
    case 'classifier':
      return tfl.layers.dense({
        units: labelCount,
        kernelInitializer: tfl.initializers.glorotUniform({ seed }),
      });
  }
}
