import { type ModelView, type ProjectTargets, viewsPerFrame } from '@pomona/wire';

export interface Reached {
  readonly value: number;
  /** Whether that is within the target; undefined where the target is not set. */
  readonly isWithin: boolean | undefined;
  /** Of which grade, where it is the least of several. */
  readonly of?: string;
}

/** What a version reaches of the target at `path`; undefined where nothing of it was measured. */
export function reachedBy(model: ModelView, path: string, targets: ProjectTargets): Reached | undefined {
  const floorOf = (label: string) => targets.recallFloors[label];
  const { evaluation, labels } = model;
  if (path === 'minMacroF1') return atLeast(evaluation.macroF1, targets.minMacroF1);
  if (path === 'minRecall') {
    const least = evaluation.perClass
      .filter(({ label, recall }) => floorOf(label) === undefined && recall !== null)
      .toSorted((a, b) => a.recall! - b.recall!)[0];
    return least && { ...atLeast(least.recall!, targets.minRecall), of: least.label };
  }
  if (path.startsWith('recallFloors.')) {
    const label = path.slice('recallFloors.'.length);
    const recall = evaluation.perClass.find((each) => each.label === label)?.recall ?? null;
    return recall === null ? undefined : atLeast(recall, floorOf(label) ?? targets.minRecall);
  }
  if (path === 'maxBadAsGood') {
    const row = evaluation.confusion[labels.indexOf('bad')] ?? [];
    const cases = row.reduce((total, count) => total + count, 0);
    const asGood = row[labels.indexOf('good')];
    return asGood === undefined || cases === 0 ? undefined : atMost(asGood / cases, targets.maxBadAsGood);
  }
  if (path === 'maxErrorCost')
    return model.errorCost && atMost(model.errorCost.perCase, targets.maxErrorCost);
  if (path === 'maxReleaseBytes') return atMost(model.releaseBytes, targets.maxReleaseBytes);
  if (path === 'maxLatencyMs') return latency(model, targets);
  return undefined;
}

function latency({ variants = [] }: ModelView, targets: ProjectTargets): Reached | undefined {
  const { boardSlowdown, maxLatencyMs } = targets;
  if (variants.length === 0 || boardSlowdown === undefined) return undefined;
  const fastest = Math.min(...variants.map(({ msPerView }) => msPerView));
  return atMost(fastest * viewsPerFrame * boardSlowdown, maxLatencyMs);
}

function atLeast(value: number, limit: number): Reached {
  return { value, isWithin: value >= limit };
}

function atMost(value: number, limit: number | undefined): Reached {
  return { value, isWithin: limit === undefined ? undefined : value <= limit };
}
