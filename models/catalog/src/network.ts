/**
 * A network as data: what training turns into layers, and what a person can read in a model's lineage.
 * The input is a crop uint8 [S, S, 3] (RGB, background 0); normalisation is the first step of the network itself.
 */
export type NetworkLayer =
  | {
      readonly kind: 'convolution';
      readonly filters: number;
      /** Edge of the square kernel, pixels. */
      readonly kernel: number;
      readonly stride: number;
      readonly activation: 'relu';
    }
  /**
   * A convolution without bias, batch normalisation and ReLU. Once trained the normalisation is part of the filters: the
   * exported network has plain convolutions.
   */
  | {
      readonly kind: 'normalised-convolution';
      readonly filters: number;
      readonly kernel: number;
      readonly stride: number;
      /** What the running figures keep of themselves at each step. */
      readonly momentum: number;
    }
  /**
   * A convolution of 1×1 and a sigmoid beside the features: for each cell, the share that is defect and the share that is
   * rot. Joins the features, and is an output of its own. Learns from drawn maps where a dataset has them.
   */
  | { readonly kind: 'defect-map' }
  | { readonly kind: 'global-average-pooling' }
  /** Average over the fruit's surface instead of its picture: what is seen aslant near the rim counts for more. */
  | { readonly kind: 'surface-average-pooling' }
  /**
   * The average over the surface, and beside it the highest average of 3×3 cells: a small blemish hardly moves the one, and
   * a single odd cell hardly moves the other. Twice the features.
   */
  | { readonly kind: 'surface-and-peak-pooling' }
  /**
   * Each feature minus its mean, over its deviation (batch normalisation; running figures once trained). Small defects
   * move a pooled feature by hundredths: this puts them on the scale of the classifier's weights.
   */
  | { readonly kind: 'normalisation'; readonly momentum: number }
  /** A dense layer without activation, so that the logits stay linear in the pooled features (ADR 2). */
  | { readonly kind: 'embedding'; readonly units: number }
  /** One unit per label, without activation: the logits. The last layer, where it is not the next one. */
  | { readonly kind: 'classifier' }
  /**
   * A straight line from the map of defects to the logits: the mean of its highest cells decides, and no feature besides. What
   * stands before it gives the embedding alone.
   */
  | {
      readonly kind: 'map-classifier';
      /** Highest cells that count. */
      readonly cells: number;
      /** So many while the network learns: fewer, since a drawn defect may be small and its map is true. */
      readonly cellsLearning: number;
    };

export interface Network {
  readonly name: string;
  readonly summary: string;
  /** What a pixel value is multiplied by before the first layer. */
  readonly pixelScale: number;
  /** The layer before the last one gives the embedding. */
  readonly layers: readonly NetworkLayer[];
}
