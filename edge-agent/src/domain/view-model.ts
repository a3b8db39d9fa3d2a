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
  release(): Promise<void>;
}
