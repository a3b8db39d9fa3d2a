import { checkRecipe, type MissingFigure } from '@pomona/grading';
import { isAppError, naturalOrder, type Recipe, type RecipeDryRun } from '@pomona/wire';
import { decidedBy } from './decided-by.ts';
import type { GradedFruit } from './feature-rows.ts';
import { judgeStored } from './judge-stored.ts';

const examplesPerChange = 5;
const examplesMax = 50;

type Counts = Pick<
  RecipeDryRun,
  | 'fruits'
  | 'judged'
  | 'changed'
  | 'changedShare'
  | 'gateChanged'
  | 'undecided'
  | 'unmeasured'
  | 'unfit'
  | 'confusion'
  | 'stations'
  | 'rules'
  | 'examples'
>;

/** Counts what a recipe makes of stored fruits. Holds no fruit: as large as there are grades, stations and rules. */
export class RecipeTrial {
  readonly #recipe: Recipe;
  /** Why the recipe does not fit a model's labels; null where it does. By the labels. */
  readonly #fit = new Map<string, string | null>();
  readonly #confusion = new Map<string, { before: string; after: string; fruits: number }>();
  readonly #stations = new Map<
    string,
    { station: string; judged: number; changed: number; unmeasured: number }
  >();
  readonly #rules = new Map<string, number>();
  readonly #figures = new Map<MissingFigure, number>();
  readonly #examples: RecipeDryRun['examples'] = [];
  #fruits = 0;
  #judged = 0;
  #changed = 0;
  #gateChanged = 0;
  #undecided = 0;
  #unmeasured = 0;
  #unfit = 0;
  #unfitReason: string | null = null;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    for (const { name } of recipe.rules ?? []) this.#rules.set(name, 0);
  }

  add(fruit: GradedFruit): void {
    this.#fruits++;
    if (fruit.outcome === 'late' || fruit.outcome === 'paused') {
      this.#undecided++;
      return;
    }
    const misfit = this.#misfitOf(fruit.labels);
    if (misfit !== null) {
      this.#unfit++;
      this.#unfitReason ??= misfit;
      return;
    }
    const station = this.#stationOf(fruit.station);
    const verdict = judgeStored(this.#recipe, fruit);
    if (!('grade' in verdict) || verdict.missing.length > 0) {
      this.#unmeasured++;
      station.unmeasured++;
      for (const figure of verdict.missing) this.#figures.set(figure, (this.#figures.get(figure) ?? 0) + 1);
      return;
    }
    this.#judged++;
    station.judged++;
    if (verdict.gate !== fruit.gate) this.#gateChanged++;
    const rule = verdict.rule?.name ?? null;
    if (rule !== null) this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1);
    const count = this.#count(fruit.grade, verdict.grade);
    if (verdict.grade === fruit.grade) return;
    this.#changed++;
    station.changed++;
    if (count <= examplesPerChange && this.#examples.length < examplesMax) {
      const { boot, seq, at, diameterMm } = fruit;
      this.#examples.push({
        ...{ before: fruit.grade, after: verdict.grade, station: fruit.station },
        ...{ boot, seq, at, rule, decidedBy: decidedBy(verdict, this.#recipe), diameterMm },
      });
    }
  }

  counts(): Counts {
    const most = (a: { fruits: number }, b: { fruits: number }) => b.fruits - a.fruits;
    return {
      ...{ fruits: this.#fruits, judged: this.#judged, changed: this.#changed },
      changedShare: this.#judged === 0 ? null : this.#changed / this.#judged,
      ...{ gateChanged: this.#gateChanged, undecided: this.#undecided },
      unmeasured: {
        fruits: this.#unmeasured,
        figures: [...this.#figures].map(([figure, fruits]) => ({ figure, fruits })).sort(most),
      },
      unfit: { fruits: this.#unfit, reason: this.#unfitReason },
      confusion: [...this.#confusion.values()].sort(most),
      stations: [...this.#stations.values()].sort((a, b) => naturalOrder(a.station, b.station)),
      rules: [...this.#rules].map(([rule, fruits]) => ({ rule, fruits })),
      examples: this.#examples,
    };
  }

  #misfitOf(labels: readonly string[]): string | null {
    const key = labels.join();
    const known = this.#fit.get(key);
    if (known !== undefined) return known;
    const misfit = misfitOf(this.#recipe, labels);
    this.#fit.set(key, misfit);
    return misfit;
  }

  #stationOf(station: string) {
    const known = this.#stations.get(station);
    if (known !== undefined) return known;
    const row = { station, judged: 0, changed: 0, unmeasured: 0 };
    this.#stations.set(station, row);
    return row;
  }

  #count(before: string, after: string): number {
    const key = `${before}/${after}`;
    const row = this.#confusion.get(key) ?? { before, after, fruits: 0 };
    this.#confusion.set(key, row);
    return ++row.fruits;
  }
}

function misfitOf(recipe: Recipe, labels: readonly string[]): string | null {
  try {
    checkRecipe(recipe, labels);
    return null;
  } catch (error) {
    if (isAppError(error, 'recipe-invalid')) return error.message;
    throw error;
  }
}
