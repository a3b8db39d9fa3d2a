import { tensor, type Variable } from '@tensorflow/tfjs-core';

/** Copies. */
export function numbersOf(variables: readonly Variable[]): Float32Array[] {
  return variables.map((variable) => Float32Array.from(variable.dataSync()));
}

export function assignNumbers(variables: readonly Variable[], numbers: readonly Float32Array[]): void {
  variables.forEach((variable, at) => {
    const value = tensor(numbers[at]!, variable.shape);
    variable.assign(value);
    value.dispose();
  });
}
