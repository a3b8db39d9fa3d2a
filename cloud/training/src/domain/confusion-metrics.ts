export type Confusion = readonly (readonly number[])[];

export interface ClassFigures {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly support: number;
}

export interface ConfusionFigures {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  readonly perClass: readonly ClassFigures[];
}

/** Of counts [truth][predicted]. A class without cases counts in no mean, and has neither recall nor F1. */
export function confusionFigures(confusion: Confusion): ConfusionFigures {
  const perClass = confusion.map((row, at): ClassFigures => {
    const hits = row[at]!;
    const support = sum(row);
    const predicted = sum(confusion.map((each) => each[at]!));
    return {
      precision: predicted > 0 ? hits / predicted : null,
      recall: support > 0 ? hits / support : null,
      f1: support > 0 ? (2 * hits) / (support + predicted) : null,
      support,
    };
  });
  const present = perClass.filter(({ support }) => support > 0);
  const total = sum(perClass.map(({ support }) => support));
  return {
    accuracy: total === 0 ? 0 : sum(confusion.map((row, at) => row[at]!)) / total,
    balancedAccuracy: mean(present.map(({ recall }) => recall ?? 0)),
    macroF1: mean(present.map(({ f1 }) => f1 ?? 0)),
    perClass,
  };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

export function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
