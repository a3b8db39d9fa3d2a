/** Everything that decides a training run besides the network, the images and the seed. */
export interface TrainingRecipe {
  readonly epochs: number;
  /** Images per step; with several views per fruit, the largest multiple of the views that fits. */
  readonly batchImages: number;
  /** Views of a fruit in one step, drawn anew each time; more fruits in a step teach more than more views of one. */
  readonly viewsMax: number;
  /** The peak, reached after the warm-up; falls along a cosine to `finalRateShare` of it. */
  readonly learningRate: number;
  readonly finalRateShare: number;
  /** Share of all steps in which the rate rises linearly from nearly 0. */
  readonly warmUpShare: number;
  /** What is judged and kept is the mean of the weights over about so many of the last steps; 0: the last ones. */
  readonly averagedSteps: number;
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** Classes count as much as each other (1), as much as they have images (0), or between. */
  readonly classBalance: number;
  /** Groups (sessions, lots) are drawn from as often as each other in an epoch (1), as often as they have cases (0), or between. */
  readonly groupBalance: number;
  /** Probability that the target takes from its label and spreads evenly over all. */
  readonly labelSmoothing: number;
  /**
   * What the loss of single views against their own grades counts beside that of the fruit; where the grades of views
   * are not known, only the fruit counts.
   */
  readonly viewWeight: number;
  /** What the loss of the defect map counts, where the dataset has maps and the network learns one. */
  readonly defectWeight: number;
  /** Stop after so many epochs without a better validation loss; 0 never stops early. */
  readonly patienceEpochs: number;
  readonly augmentation: Augmentation;
}

/**
 * Strengths of the random changes to a crop; 0 changes nothing. Black stays black, so the masked background is untouched, except
 * by `edge` and `background`, whose business it is.
 */
export interface Augmentation {
  /** Mirror and quarter turns. */
  readonly orientation: boolean;
  /** Natural logarithm of the common gain of all channels: uniform in ± this. */
  readonly brightness: number;
  /** Natural logarithm of each channel's own gain: uniform in ± this. */
  readonly whiteBalance: number;
  /** Natural logarithm of the exponent: uniform in ± this. */
  readonly gamma: number;
  /** Beside mirror and quarter turns: radians, uniform in ± this. π/4 makes every angle as likely. */
  readonly rotation: number;
  /** Deviation of a Gaussian, pixels: uniform from 0 to this. */
  readonly blur: number;
  /** Deviation of the noise of a sensor, levels of 255: uniform from 0 to this. */
  readonly noise: number;
  /** How much of white is in the middle of a soft spot, 0 to 1: uniform from 0 to this. */
  readonly highlights: number;
  /** Share of crops into which a leaf or a finger reaches from the edge; maps know nothing of what it hides. */
  readonly occlusion: number;
  /** By how much of the crop's side the mask's edge is off: inwards fruit is cut away, outwards a sliver of background is left. */
  readonly edge: number;
  /** Share of crops whose background is not masked but of some colour. */
  readonly background: number;
}
