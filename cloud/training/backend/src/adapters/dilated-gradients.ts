import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  type GradConfig,
  getBackend,
  getGradient,
  type NamedAttrMap,
  registerGradient,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * TensorFlow.js (4.22) has no gradient of a dilated convolution, since the kernels of its own backends leave the dilation out. Ours know
 * it: on `backend` they are asked, on any other TensorFlow.js says what it always said. To be called again where a second copy of
 * TensorFlow.js may have been loaded: copies share one table of gradients, and each writes its own into it.
 */
export function registerDilatedGradients(backend: string): void {
  for (const [kernel, ofInput, ofFilter] of convolutions) {
    const plain = getGradient(kernel);
    if (registered.has(plain)) continue;
    const gradient = dilated(plain, ofInput, ofFilter, backend);
    registerGradient(gradient);
    registered.add(gradient);
  }
}

const convolutions = [
  [Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter],
  [DepthwiseConv2dNative, DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter],
] as const;
const registered = new WeakSet<GradConfig>();

function dilated(plain: GradConfig, ofInput: string, ofFilter: string, backend: string): GradConfig {
  return {
    ...plain,
    gradFunc: (dy, saved, attributes) => {
      if (getBackend() !== backend || !isDilated(attributes.dilations as number | readonly number[]))
        return plain.gradFunc(dy, saved, attributes);
      const [x, filter] = saved as [Tensor, Tensor];
      const gradient = dy as Tensor;
      const run = (kernel: string, inputs: Record<string, Tensor>, shapes: NamedAttrMap): Tensor =>
        engine().runKernel(kernel, inputs, { ...attributes, ...shapes });
      return {
        x: () => run(ofInput, { dy: gradient, filter }, { inputShape: x.shape }),
        filter: () => run(ofFilter, { x, dy: gradient }, { filterShape: filter.shape }),
      };
    },
  };
}

function isDilated(dilations: number | readonly number[]): boolean {
  return [dilations].flat().some((each) => each > 1);
}
