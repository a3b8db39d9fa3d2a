import { DriftCounter, driftEdgesVersion, entropyOf, type ViewFeatures, viewFeatures } from '@pomona/grading';
import type { DriftWindow, FruitRecord } from '@pomona/wire';
import type { RunnableRelease } from './line-messages.ts';

const pictureStatistics = [
  'luma',
  'red',
  'green',
  'blue',
  'saturation',
  'hue',
  'sharpness',
  'clipped',
] as const satisfies readonly (keyof ViewFeatures)[];

/** Mean sRGB, 0..255. */
export type BeltColour = NonNullable<DriftWindow['belt']>;

/** What fruit of one release was like, as counts and sums. */
export class StatisticsWindow {
  readonly release: RunnableRelease;
  readonly #counter = new DriftCounter();
  readonly #grades = new Map<string, number>();
  readonly #sums: number[];
  readonly #predicted: { n: number; sum: number }[];
  #fruits = 0;
  #views = 0;
  #belts = 0;
  readonly #belt = { red: 0, green: 0, blue: 0 };
  #from = '';
  #to = '';

  constructor(release: RunnableRelease) {
    this.release = release;
    this.#sums = release.labels.map(() => 0);
    this.#predicted = release.labels.map(() => ({ n: 0, sum: 0 }));
  }

  get fruits(): number {
    return this.#fruits;
  }

  /** `crops` uint8 [inputSize, inputSize, 3] each, at least one: a fruit's picture is the mean of them. */
  add(fruit: FruitRecord, crops: readonly Uint8Array[], belt: BeltColour | undefined): void {
    const { probabilities, diameterMm, grade, at } = fruit;
    const features = crops.map((crop) => viewFeatures(crop, this.release.inputSize));
    const mean = (name: keyof ViewFeatures) =>
      features.reduce((sum, view) => sum + view[name], 0) / features.length;
    const top = Math.max(...probabilities);
    const picture = Object.fromEntries(pictureStatistics.map((name) => [name, mean(name)])) as Record<
      (typeof pictureStatistics)[number],
      number
    >;
    this.#counter.add({
      ...picture,
      size: diameterMm,
      topProbability: top,
      entropy: entropyOf(probabilities),
    });
    this.#grades.set(grade, (this.#grades.get(grade) ?? 0) + 1);
    probabilities.forEach((p, k) => {
      this.#sums[k]! += p;
    });
    const predicted = this.#predicted[probabilities.indexOf(top)]!;
    predicted.n++;
    predicted.sum += top;
    if (this.#fruits === 0) this.#from = at;
    this.#to = at;
    this.#fruits++;
    this.#views += crops.length;
    if (belt === undefined) return;
    this.#belts++;
    this.#belt.red += belt.red;
    this.#belt.green += belt.green;
    this.#belt.blue += belt.blue;
  }

  #meanBelt(): BeltColour {
    // A mean of rounded figures may leave the range by a hair.
    const mean = (sum: number) => Math.min(255, Math.max(0, rounded(sum / this.#belts)));
    const { red, green, blue } = this.#belt;
    return { red: mean(red), green: mean(green), blue: mean(blue) };
  }

  /** The message without its envelope. */
  figures(): Omit<DriftWindow, 'v' | 'boot' | 'seq' | 'at'> {
    const { ref, labels } = this.release;
    return {
      release: ref,
      labels: [...labels],
      from: this.#from,
      to: this.#to,
      fruits: this.#fruits,
      views: this.#views,
      edges: driftEdgesVersion,
      histograms: this.#counter.histograms(),
      ...(this.#belts > 0 && { belt: this.#meanBelt() }),
      grades: [...this.#grades].map(([grade, count]) => ({ grade, count })),
      confidence: {
        sum: this.#sums.map(rounded),
        predicted: labels.map((label, k) => {
          const { n, sum } = this.#predicted[k]!;
          return { label, n, sum: rounded(sum) };
        }),
      },
    };
  }
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
