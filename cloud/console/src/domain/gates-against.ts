import type { ModelView } from '@pomona/wire';

/** What gates have against a version, in words; undefined for one that passed. */
export function gatesAgainst({ gates }: Pick<ModelView, 'gates'>): string | undefined {
  if (gates === undefined) return 'it was never held against gates';
  const failed = gates.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
  return failed.length === 0 ? undefined : `failed gates: ${failed.join(', ')}`;
}

/**
 * The newest version that no gate keeps from the stations: one that passed, or a champion, which was promoted in spite of
 * them. Undefined where there is none. `champions` are versions by their model's name.
 */
export function newestToRollOut(
  models: readonly ModelView[],
  champions: ReadonlyMap<string, number>,
): ModelView | undefined {
  const isChampion = ({ name, version }: ModelView) => champions.get(name) === version;
  return models
    .filter((model) => gatesAgainst(model) === undefined || isChampion(model))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
}
