import { counted, type HeldAgainst, type ModelView } from '@pomona/wire';

/** What the run that made a version found of the champion on the same cases; undefined where it did not look, or could not tell. */
export function pairedWithChampion(
  { heldAgainst = [] }: Pick<ModelView, 'heldAgainst'>,
  champion: Pick<ModelView, 'name' | 'version'>,
): { readonly high: number; readonly detail: string } | undefined {
  const held = heldAgainst.find(
    ({ model }) => model.name === champion.name && model.version === champion.version,
  );
  if (!held?.macroF1Difference) return undefined;
  const [low, high] = held.macroF1Difference;
  const difference = held.macroF1 - held.theirMacroF1;
  return {
    high,
    detail: `${difference.toFixed(4)} to ${champion.name}@${champion.version}, 95 % from ${low.toFixed(4)} to ${high.toFixed(4)}, paired on ${casesOf(held)}`,
  };
}

function casesOf({ cases, learnedCases }: HeldAgainst): string {
  if (learnedCases === null) return `${counted(cases, 'case')}, of which it may have learned some`;
  return learnedCases === 0
    ? counted(cases, 'case')
    : `${counted(cases, 'case')}, without ${learnedCases} that it learned from`;
}
