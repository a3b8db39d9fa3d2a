/**
 * Splits groups into train, validation and test: no group is in two of them, and each label is spread as nearly by the
 * wanted shares as whole groups allow. With few groups (photo sessions of one grade) much is impossible; then first every
 * label must be learnt from, next be tested, next be validated, and only then do the shares count. What is in a split already stays.
 */
import { seededRandom, shuffled } from '@pomona/wire';
import { type Split, splits } from './dataset.ts';

export interface SplitImage {
  readonly group: string;
  readonly grade: string;
}

export interface SplitResult {
  readonly splitOf: ReadonlyMap<string, Split>;
  /** What was impossible, in words. */
  readonly notes: readonly string[];
}

export const splitShares: Readonly<Record<Split, number>> = { train: 0.7, validation: 0.15, test: 0.15 };
/** A label that is missing in a split costs more than any difference of shares. */
const missingCost: Readonly<Record<Split, number>> = { train: 10_000, test: 1_000, validation: 100 };
/** With few groups chance decides much, and trying again costs little. */
const attempts = 24;
const fewGroups = 64;

interface Group {
  readonly name: string;
  /** Images per label. */
  readonly counts: Float64Array;
  /** Index of the split that it stays in. */
  readonly kept: number | undefined;
}

export function splitByGroup(
  images: readonly SplitImage[],
  labels: readonly string[],
  seed: number,
  /** Groups that are somewhere already and stay there; the others fill up what is missing. */
  kept: ReadonlyMap<string, Split> = new Map(),
): SplitResult {
  const groups = groupsOf(images, labels, kept);
  const totals = labels.map((_, l) => groups.reduce((sum, group) => sum + group.counts[l]!, 0));
  const random = seededRandom(seed, 'dataset-split');
  let best: Assignment | undefined;
  for (let i = 0; i < (groups.length <= fewGroups ? attempts : 1); i++) {
    const assignment = new Assignment(shuffled(groups, random), totals);
    assignment.improve();
    if (!best || assignment.cost() < best.cost() - 1e-9) best = assignment;
  }
  const splitOf = new Map(best!.groups.map((group, i) => [group.name, splits[best!.places[i]!]!]));
  return { splitOf, notes: best!.notes(labels) };
}

/** In the order of their names, so that the order of the images does not matter. */
function groupsOf(
  images: readonly SplitImage[],
  labels: readonly string[],
  kept: ReadonlyMap<string, Split>,
): Group[] {
  const byName = new Map<string, Group>();
  for (const { group: name, grade } of images) {
    const group = byName.get(name) ?? {
      ...{ name, counts: new Float64Array(labels.length) },
      kept: kept.has(name) ? splits.indexOf(kept.get(name)!) : undefined,
    };
    byName.set(name, group);
    group.counts[labels.indexOf(grade)]! += 1;
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

class Assignment {
  readonly groups: readonly Group[];
  /** Index of the split per group. */
  readonly places: Uint8Array;
  readonly #totals: readonly number[];
  /** Images per split and label. */
  readonly #counts: readonly Float64Array[];

  constructor(groups: readonly Group[], totals: readonly number[]) {
    this.groups = groups;
    this.#totals = totals;
    this.#counts = splits.map(() => new Float64Array(totals.length));
    this.places = new Uint8Array(groups.length);
    // What is drawn goes where it is missing beside what stays.
    for (const [i, { kept }] of groups.entries()) if (kept !== undefined) this.#add(i, kept, 1);
    for (const [i, { kept }] of groups.entries()) {
      if (kept !== undefined) continue;
      this.#add(i, 0, 1);
      this.#moveToBest(i);
    }
  }

  cost(): number {
    let cost = 0;
    for (let s = 0; s < splits.length; s++) {
      const split = splits[s]!;
      for (let l = 0; l < this.#totals.length; l++) {
        const total = this.#totals[l]!;
        if (total === 0) continue;
        const count = this.#counts[s]![l]!;
        if (count === 0) cost += missingCost[split];
        cost += (count / total - splitShares[split]) ** 2;
      }
    }
    return cost;
  }

  /** Moves and exchanges groups until none helps. */
  improve(): void {
    const { length } = this.groups;
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 0; i < length; i++) if (this.#moveToBest(i)) changed = true;
      if (length > fewGroups) continue;
      for (let i = 0; i < length; i++)
        for (let j = i + 1; j < length; j++) if (this.#exchangeIfBetter(i, j)) changed = true;
    }
  }

  notes(labels: readonly string[]): string[] {
    const notes: string[] = [];
    labels.forEach((label, l) => {
      if (this.#totals[l] === 0) return;
      const groupsOfIt = this.groups.filter((group) => group.counts[l]! > 0);
      const holding = groupsOfIt.length;
      const missing = splits.filter((_, s) => this.#counts[s]![l] === 0);
      if (missing.length === 0) return;
      const groups = holding === 1 ? 'one group' : `${holding} groups`;
      const stays = groupsOfIt.some(({ kept }) => kept !== undefined);
      notes.push(
        `${label} is not in ${missing.join(' and ')}: it comes from ${groups} alone${stays ? ', and what an earlier version had stays where it was' : ''}`,
      );
    });
    return notes;
  }

  #moveToBest(i: number): boolean {
    if (this.groups[i]!.kept !== undefined) return false;
    const before = this.places[i]!;
    let best = before;
    let bestCost = this.cost();
    for (let s = 0; s < splits.length; s++) {
      if (s === before) continue;
      this.#move(i, s);
      const cost = this.cost();
      if (cost < bestCost - 1e-9) {
        bestCost = cost;
        best = s;
      }
    }
    this.#move(i, best);
    return best !== before;
  }

  #exchangeIfBetter(i: number, j: number): boolean {
    const [a, b] = [this.places[i]!, this.places[j]!];
    if (a === b || this.groups[i]!.kept !== undefined || this.groups[j]!.kept !== undefined) return false;
    const before = this.cost();
    this.#move(i, b);
    this.#move(j, a);
    if (this.cost() < before - 1e-9) return true;
    this.#move(i, a);
    this.#move(j, b);
    return false;
  }

  #move(i: number, to: number): void {
    this.#add(i, this.places[i]!, -1);
    this.#add(i, to, 1);
  }

  #add(i: number, split: number, sign: number): void {
    const { counts } = this.groups[i]!;
    const into = this.#counts[split]!;
    for (let l = 0; l < counts.length; l++) into[l]! += sign * counts[l]!;
    this.places[i] = split;
  }
}
