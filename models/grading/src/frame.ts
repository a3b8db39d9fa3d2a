/** One picture of a line camera. The pixels are row by row, three bytes each: `data` uint8 [height, width, 3], RGB. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** Counts up by one per frame that the camera took, also over those that were dropped on the way. */
  readonly seq: number;
  /** Time of exposure on the machine's monotonic clock (CLOCK_MONOTONIC), milliseconds. */
  readonly capturedAtMs: number;
  /** Belt travel since the camera started, millimetres. */
  readonly encoderMm: number;
}
