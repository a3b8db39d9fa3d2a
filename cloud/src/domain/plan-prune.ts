import { counted, type ModelView } from '@pomona/wire';

export interface PruneFacts {
  readonly models: readonly ModelView[];
  /** Why a version is needed, with all of its files. */
  readonly uses: readonly { readonly name: string; readonly version: number; readonly why: string }[];
  /** Versions that graded fruit, as `keyOf`: whoever asks later what did must find them. */
  readonly graded: ReadonlySet<string>;
  readonly rule: { readonly newest: number; readonly days: number };
  readonly nowMs: number;
}

/**
 * `keep`: as it is. `drop-files`: the record stays, and its weights where a calibrated version that is kept can only be
 * retrained from them. `remove`: the record goes too.
 */
export interface PruneVerdict {
  readonly model: ModelView;
  readonly verdict: 'keep' | 'drop-files' | 'remove';
  readonly keepsWeights: boolean;
  readonly why: readonly string[];
}

const dayMs = 86_400_000;

export function keyOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name}@${version}`;
}

/** What becomes of every version, in the order in which they came. */
export function planPrune({ models, uses, graded, rule, nowMs }: PruneFacts): readonly PruneVerdict[] {
  const needs = new Map<string, string[]>(models.map((model) => [keyOf(model), []]));
  const newest = newestOf(models, rule.newest);
  for (const model of models) {
    const why = needs.get(keyOf(model))!;
    if (newest.has(keyOf(model))) why.push(`one of the newest ${rule.newest}`);
    // A date that cannot be read is young: NaN is not more than any age.
    if (!(nowMs - Date.parse(model.createdAt) > rule.days * dayMs))
      why.push(`not ${counted(rule.days, 'day')} old`);
  }
  for (const use of uses) needs.get(keyOf(use))?.push(use.why);
  const kept = models.filter((model) => needs.get(keyOf(model))!.length > 0);
  const lineage = lineageOf(kept, models);
  const weights = new Map(
    kept.flatMap(({ name, version, calibration, parent }) =>
      calibration && parent ? [[keyOf(parent), keyOf({ name, version })] as const] : [],
    ),
  );
  return models.map((model): PruneVerdict => {
    const key = keyOf(model);
    const why = needs.get(key)!;
    if (why.length > 0) return { model, verdict: 'keep', keepsWeights: true, why };
    const descendant = lineage.get(key);
    const calibrated = weights.get(key);
    const keepsRecord = [
      ...(descendant === undefined ? [] : [`${descendant} comes from it`]),
      ...(calibrated === undefined ? [] : [`${calibrated} is retrained from its weights`]),
      ...(graded.has(key) ? ['it graded fruit'] : []),
    ];
    const verdict = keepsRecord.length > 0 ? 'drop-files' : 'remove';
    return { model, verdict, keepsWeights: calibrated !== undefined, why: keepsRecord };
  });
}

function newestOf(models: readonly ModelView[], count: number): ReadonlySet<string> {
  const byName = new Map<string, ModelView[]>();
  for (const model of models) byName.set(model.name, [...(byName.get(model.name) ?? []), model]);
  const newest = [...byName.values()].flatMap((versions) =>
    versions.toSorted((a, b) => b.version - a.version).slice(0, count),
  );
  return new Set(newest.map(keyOf));
}

/** Each ancestor of a version that is kept, with one that comes from it. */
function lineageOf(kept: readonly ModelView[], models: readonly ModelView[]): ReadonlyMap<string, string> {
  const byKey = new Map(models.map((model) => [keyOf(model), model]));
  const ancestors = new Map<string, string>();
  for (const model of kept) {
    let { parent } = model;
    while (parent && !ancestors.has(keyOf(parent))) {
      ancestors.set(keyOf(parent), keyOf(model));
      parent = byKey.get(keyOf(parent))?.parent;
    }
  }
  return ancestors;
}
