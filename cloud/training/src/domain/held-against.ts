import type { HeldAgainst } from '@pomona/wire';
import { casesDrawnTogether, drawsOf, type Interval, intervalOf } from './bootstrap.ts';
import type { Case } from './cases.ts';
import { confusionFigures } from './confusion-metrics.ts';
import type { Dataset, DatasetImage } from './dataset.ts';
import { confusionOf, type EvaluatedCase } from './evaluation.ts';
import { likeliest } from './likeliest.ts';

/** What the other network's own dataset did with an image. */
export type Knowledge = ReadonlyMap<string, DatasetImage['split']>;

/** `new` was not in its dataset, `old` was and taught it nothing, `learned` did. */
export type Origin = 'new' | 'old' | 'learned';

export function originOf({ images }: Case, dataset: Dataset, knowledge: Knowledge): Origin {
  const splits = images.map((image) => knowledge.get(dataset.images[image]!.digest));
  if (splits.some((split) => split === 'train' || split === 'validation')) return 'learned';
  return splits.some((split) => split !== undefined) ? 'old' : 'new';
}

interface Pair {
  readonly label: number;
  readonly group: string;
  readonly mine: number;
  readonly theirs: number;
}

/** Both said something of the same cases, in the same order. `origins` are undefined where nobody knows them. */
export function heldAgainst(
  mine: readonly EvaluatedCase[],
  theirs: readonly Pick<EvaluatedCase, 'logits'>[],
  origins: readonly Origin[] | undefined,
  labelCount: number,
): Omit<HeldAgainst, 'model'> {
  const all = mine.map(({ label, group, logits }, at) => ({
    ...{ label, group, origin: origins?.[at] },
    ...{ mine: likeliest(logits), theirs: likeliest(theirs[at]!.logits) },
  }));
  const fair = all.filter(({ origin }) => origin !== 'learned');
  const figures = figuresOf(fair, labelCount);
  return {
    cases: fair.length,
    learnedCases: origins === undefined ? null : all.length - fair.length,
    ...{ accuracy: figures.mine.accuracy, theirAccuracy: figures.theirs.accuracy },
    ...{ macroF1: figures.mine.macroF1, theirMacroF1: figures.theirs.macroF1 },
    macroF1Difference: differenceOf(fair, labelCount) ?? null,
    byOrigin: (['old', 'new'] as const).flatMap((origin) => {
      const members = fair.filter((each) => each.origin === origin);
      if (members.length === 0) return [];
      const of = figuresOf(members, labelCount);
      return [
        { origin, cases: members.length, accuracy: of.mine.accuracy, theirAccuracy: of.theirs.accuracy },
      ];
    }),
  };
}

function figuresOf(pairs: readonly Pair[], labelCount: number) {
  const of = (side: 'mine' | 'theirs') =>
    confusionFigures(
      confusionOf(
        pairs.map((pair) => ({ label: pair.label, predicted: pair[side] })),
        labelCount,
      ),
    );
  return { mine: of('mine'), theirs: of('theirs') };
}

/** Both are judged on each resample, so that how hard its cases are falls out of the difference. */
function differenceOf(pairs: readonly Pair[], labelCount: number): Interval | undefined {
  if (pairs.length === 0) return undefined;
  const units = casesDrawnTogether(pairs);
  return intervalOf(
    drawsOf(units.length).map((drawn) => {
      const { mine, theirs } = figuresOf(
        drawn.flatMap((unit) => units[unit]!),
        labelCount,
      );
      return mine.macroF1 - theirs.macroF1;
    }),
  );
}
