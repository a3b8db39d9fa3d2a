/** A loaded release that turns crops into probabilities. One run at a time. */
export interface ViewModel {
  readonly labels: readonly string[];
  /** Side of a crop, pixels. */
  readonly inputSize: number;
  /** Crops per run at most. */
  readonly capacity: number;
  /** Where the crops of the next run go: uint8 [capacity, inputSize, inputSize, 3], RGB. */
  readonly crops: Uint8Array;
  /** Probabilities of the first `count` crops, float32 [count, labels]; valid until the next run. */
  run(count: number): Promise<Float32Array>;
  /**
   * Where those crops show defects, float32 [count, cells, cells, 2]: the shares of a cell that are defect and rot; valid until the
   * next run. Not there where the network draws no map.
   */
  readonly defects?: { readonly cells: number; readonly map: Float32Array } | undefined;
  release(): Promise<void>;
}
