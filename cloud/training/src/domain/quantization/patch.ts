import type { Attribute, Value } from '@pomona/onnx-backend/graph';

/** What a convolution reads for one place of its result, in the order of its filter's weights [channels, rows, columns]. */
export class Patch {
  readonly numbers: Float32Array;
  readonly #heard: readonly number[];
  readonly #kernel: readonly number[];
  readonly #strides: readonly number[];
  readonly #pads: readonly number[];

  constructor(convolution: Value) {
    const { inputs, attributes } = convolution.operation!;
    const { strides, pads } = attributes as Record<string, Attribute & { ints: readonly number[] }>;
    const [, ...filter] = inputs[1]!.shape;
    this.#heard = inputs[0]!.shape.slice(1);
    this.#kernel = filter.slice(1);
    this.#strides = strides?.ints ?? [1, 1];
    this.#pads = pads?.ints ?? [0, 0];
    this.numbers = new Float32Array(filter.reduce((product, length) => product * length, 1));
  }

  /** From one image [channels, rows, columns] that begins at `from`; what is read beside it is 0. */
  moveTo(images: Float32Array, from: number, row: number, column: number): void {
    const [channels, rows, columns] = this.#heard as [number, number, number];
    const [height, width] = this.#kernel as [number, number];
    const [top, left] = [
      row * this.#strides[0]! - this.#pads[0]!,
      column * this.#strides[1]! - this.#pads[1]!,
    ];
    let at = 0;
    for (let channel = 0; channel < channels; channel++) {
      for (let y = top; y < top + height; y++) {
        for (let x = left; x < left + width; x++) {
          const isInside = y >= 0 && y < rows && x >= 0 && x < columns;
          this.numbers[at++] = isInside ? images[from + (channel * rows + y) * columns + x]! : 0;
        }
      }
    }
  }
}
