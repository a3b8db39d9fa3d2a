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

/** Strengths of the random changes to a crop. Black stays black, so the masked background is untouched. */
export interface Augmentation {
  /** Mirror and quarter turns. */
  readonly orientation: boolean;
  /** Natural logarithm of the common gain of all channels: uniform in ± this. */
  readonly brightness: number;
  /** Natural logarithm of each channel's own gain: uniform in ± this. */
  readonly whiteBalance: number;
  /** Natural logarithm of the exponent: uniform in ± this. */
  readonly gamma: number;
}
