/** Whether the last windows of a station are a drift, and whose doing it is. */
import { pictures, type StatisticVerdict, type WindowVerdict } from './drift.ts';
import { type Baseline, baselineWindows, type DriftStatistic, driftStatistics } from './drift-baseline.ts';
import { addCounts, psiOf } from './drift-histograms.ts';

export type DriftKind = 'camera' | 'population' | 'model';

export interface Drift {
  readonly kind: DriftKind;
  /** What it is seen by. */
  readonly held: ReadonlySet<Judged>;
}

type Judged = DriftStatistic | 'accuracy';

/** So many windows are looked back on. */
export const windowsJudged = baselineWindows;
const windowsBeyondMin = 3;
/** Counted together: few, because each is one more chance for a false alarm. */
const windowsTogether = [3, windowsJudged] as const;
/** Share of its limit that most of them have without the others, which are stranger. */
const withoutStrangest = 0.5;
/** The kind is what most of so many windows show, the newest that show any. */
const windowsNamed = 3;
/** Fruit unlike any of the baseline: the model has not shown here what it makes of it. */
export const unknownShareMin = 0.1;
/** A statistic is well again below this share of its limit. */
const wellBelow = 0.75;

/**
 * `verdicts` of the last windows, oldest first. Undefined until a statistic is beyond its limit in three of five, or two in
 * a row are strong, or the last three or five counted together are beyond a limit of their own, which finds what is small and stays; and
 * again with the second window in a row that is well in all that: a cleared lens leaves strange windows behind it, and one
 * window of strange fruit may look well by chance.
 *
 * Only a window that shows the drift says of which kind it is, and by what it shows itself: behind a lamp that was repaired
 * the belt is well while the dark windows still count, and a window of which a part was dark is strange on a belt that is well.
 *
 * | of what held                                             | kind       | because                                   |
 * |----------------------------------------------------------|------------|-------------------------------------------|
 * | a picture, and the belt changed with it                  | camera     | no fruit changes the belt                 |
 * | sharpness, which fell, and no hue                        | camera     | a lens out of focus, or dirty             |
 * | the model is less sure, or fruit is unlike all before    | model      | its confidence is worth nothing there     |
 * | a picture alone, and the belt is not known               | camera     | the likelier of two that look the same    |
 * | anything else                                            | population | other fruit, of which the model is sure   |
 */
export function driftOf(baseline: Baseline, verdicts: readonly WindowVerdict[]): Drift | undefined {
  const last = verdicts.slice(-windowsJudged);
  const newest = last.at(-1);
  if (newest === undefined) return undefined;
  const held = heldOf(baseline, last);
  const isOver = last
    .slice(-2)
    .every((verdict) => [...held].every((name) => isWell(baseline, verdict, name)));
  if (held.size === 0 || isOver) return undefined;
  const showing = last.flatMap((verdict): DriftKind[] => {
    const shown = [...held].filter((name) => !isWell(baseline, verdict, name));
    return shown.length === 0 ? [] : [kindOf(new Set(shown), verdict)];
  });
  return { kind: mostOf(showing.slice(-windowsNamed)), held };
}

function kindOf(
  shown: ReadonlySet<Judged>,
  { beltChanged, blurred, unknownShare }: WindowVerdict,
): DriftKind {
  const has = (...names: Judged[]) => names.some((name) => shown.has(name));
  const ofPicture = has(...pictures, 'sharpness', 'clipped');
  if (ofPicture && (beltChanged?.length ?? 0) > 0) return 'camera';
  if (has('sharpness') && blurred && !has('hue')) return 'camera';
  if (has('accuracy') || unknownShare > unknownShareMin) return 'model';
  const ofFruit = has('hue', 'grades', 'size', 'topProbability', 'entropy');
  return ofPicture && !ofFruit && beltChanged === null ? 'camera' : 'population';
}

/** Of as many each, the newest; `kinds` are oldest first, and there is one: what is not over is shown by a window. */
function mostOf(kinds: readonly DriftKind[]): DriftKind {
  const count = (kind: DriftKind) => kinds.filter((each) => each === kind).length;
  return kinds.reduce((most, kind) => (count(kind) >= count(most) ? kind : most));
}

function heldOf(baseline: Baseline, last: readonly WindowVerdict[]): ReadonlySet<Judged> {
  const isOften = (name: Judged) =>
    last.filter(({ beyond }) => beyond.includes(name)).length >= windowsBeyondMin;
  const isStrong = last.length > 1 && last.slice(-2).every(({ strong }) => strong);
  return new Set([
    ...[...driftStatistics, 'accuracy' as const].filter(isOften),
    ...(isStrong ? last.at(-1)!.beyond : []),
    ...driftStatistics.filter((name) => isBeyondTogether(baseline, last, name)),
  ]);
}

/** And not by strange windows alone, as those before a repair: much of it must be there in the more usual half. */
function isBeyondTogether(
  { statistics }: Baseline,
  last: readonly WindowVerdict[],
  name: DriftStatistic,
): boolean {
  const { counts: known, limitTogether } = statistics[name];
  const psiTogether = (windows: readonly StatisticVerdict[]) =>
    psiOf(known, addCounts(windows.map(({ counts }) => counts)));
  return windowsTogether.some((count) => {
    const windows = last.slice(-count).map((verdict) => verdict.statistics[name]);
    if (windows.length < count || psiTogether(windows) <= limitTogether(count)) return false;
    const usual = windows.toSorted((a, b) => a.psi - b.psi).slice(0, Math.ceil(count / 2));
    return psiTogether(usual) > withoutStrangest * limitTogether(usual.length);
  });
}

function isWell({ statistics }: Baseline, { beyond, statistics: now }: WindowVerdict, name: Judged): boolean {
  return name === 'accuracy' ? !beyond.includes(name) : now[name].psi < wellBelow * statistics[name].limit;
}
