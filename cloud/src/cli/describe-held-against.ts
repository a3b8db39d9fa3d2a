import { counted, fewCases, type HeldAgainst } from '@pomona/wire';

/** Old and new images apart: whether what goes on from a version forgot what that one knew, and what it learned. */
export function describeHeldAgainst(held: readonly HeldAgainst[] = []): string {
  return held.map((each) => `\n${linesOf(each).join('\n')}`).join('');
}

function linesOf({ model, learnedCases, macroF1Difference, ...held }: HeldAgainst): string[] {
  const interval =
    macroF1Difference === null
      ? 'insufficient data'
      : `95 % of the difference from ${points(macroF1Difference[0])} to ${points(macroF1Difference[1])} points`;
  const left =
    learnedCases === null
      ? '; what it learned from is not known here'
      : learnedCases === 0
        ? ''
        : `; without ${counted(learnedCases, 'case')} that it learned from`;
  return [
    `against     ${model.name}@${model.version} on the same ${counted(held.cases, 'case')}: macro-F1 ${share(held.macroF1)} % and ${share(held.theirMacroF1)} % (${interval})${left}`,
    ...held.byOrigin.map(
      ({ origin, cases, accuracy, theirAccuracy }) =>
        `${origin === 'old' ? 'old images  ' : 'new images  '}${cases} held out: accuracy ${share(accuracy)} %, ${share(theirAccuracy)} % before${fewWords(cases)}`,
    ),
  ];
}

function fewWords(cases: number): string {
  const few = fewCases(cases, 'case');
  return few === undefined ? '' : ` (${few})`;
}

function share(value: number): string {
  return (value * 100).toFixed(1);
}

function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${share(Math.abs(value))}`;
}
