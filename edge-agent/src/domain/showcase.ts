/**
 * The fruit that a person at the line may look at: not all of it, since twenty a second could be neither seen nor touched. Rejects
 * and the others take turns of their own, so that a good lot does not push its few rejects out. What somebody looks at closer is
 * held, and may be labelled as long as it is. Everything is bounded: by `keptMax` of each kind and by `heldMax`.
 */
import type { FruitRecord, Recipe } from '@pomona/wire';
import type { RunnableRelease } from './line-messages.ts';

export interface KeptFruit {
  readonly release: RunnableRelease;
  readonly record: FruitRecord;
  /** uint8 [inputSize, inputSize, 3] each, in the order of capture. */
  readonly crops: readonly Uint8Array[];
}

interface Offered {
  readonly release: RunnableRelease;
  readonly recipe: Recipe;
  readonly record: FruitRecord;
  crops(countMax: number): readonly Uint8Array[];
}

/** At least as many as the page shows, and some for the time that a hand takes. */
const keptMax = { reject: 16, other: 16 };
const heldMax = 4;
const viewsMax = 8;
/** Between two fruits that are shown. */
const pauseMs = { reject: 400, other: 1_000 };

type Kind = keyof typeof keptMax;

export class Showcase {
  readonly #kept: Record<Kind, KeptFruit[]> = { reject: [], other: [] };
  readonly #nextAtMs: Record<Kind, number> = { reject: 0, other: 0 };
  #held: KeptFruit[] = [];

  /** Whether the fruit is shown; `nowMs` is monotonic. */
  offer(fruit: Offered, nowMs: number): KeptFruit | undefined {
    const kind = isReject(fruit.record, fruit.recipe) ? 'reject' : 'other';
    if (nowMs < this.#nextAtMs[kind]) return undefined;
    this.#nextAtMs[kind] = nowMs + pauseMs[kind];
    const kept = { release: fruit.release, record: fruit.record, crops: fruit.crops(viewsMax) };
    const list = this.#kept[kind];
    if (list.push(kept) > keptMax[kind]) list.shift();
    return kept;
  }

  /** Holds it; undefined when it was not shown, or too long ago. */
  hold(seq: number): KeptFruit | undefined {
    const all = [...this.#held, ...this.#kept.reject, ...this.#kept.other];
    const found = all.find(({ record }) => record.seq === seq);
    if (found === undefined) return undefined;
    this.#held = [...this.#held.filter((fruit) => fruit !== found), found].slice(-heldMax);
    return found;
  }
}

/** Fruit that got the grade for what nobody vouches for; while grading is paused all of it does, and nobody asks why. */
export function isReject({ grade, outcome, paused }: FruitRecord, { defaultGrade }: Recipe): boolean {
  return paused !== true && (outcome !== 'graded' || grade === defaultGrade);
}
