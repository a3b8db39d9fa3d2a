import { counted, dryRunGrades, type RecipeDryRun } from '@pomona/wire';
import { table } from './output.ts';

export function describeDryRun(found: RecipeDryRun): string {
  const { recipe, model, since, until, fruits, judged, changed, changedShare, unmeasured, unfit } = found;
  const name = `${recipe.name ?? 'the recipe'} (version ${recipe.version})`;
  const lines = [`${name} on ${counted(fruits, 'fruit')} of ${model}, ${since} to ${until}`];
  if (found.isCut) lines.push('There are more: only the first were read (--fruits-max).');
  if (fruits === 0)
    lines.push(
      'No fruit of it came in then: give another time with --since and --until, or another --model.',
    );
  else if (changedShare === null) lines.push('None could be judged.');
  else
    lines.push(
      `${changed} of ${judged} would have got another grade (${percent(changedShare)}), ${found.gateChanged} another gate`,
    );
  if (unmeasured.fruits > 0) {
    const figures = unmeasured.figures.map(({ figure, fruits: count }) => `${figure} of ${count}`);
    lines.push(
      `not counted, for want of what the recipe asks for, ${counted(unmeasured.fruits, 'fruit')}: ${figures.join(', ')}`,
    );
  }
  if (unfit.fruits > 0)
    lines.push(
      `not judged, of labels that it does not fit, ${counted(unfit.fruits, 'fruit')}: ${unfit.reason}`,
    );
  if (found.undecided > 0)
    lines.push(
      `no recipe decides ${counted(found.undecided, 'fruit')} that came late or passed a paused line`,
    );
  if (judged > 0) lines.push('', confusionTable(found), '', stationTable(found));
  if (judged > 0 && found.rules.length > 0)
    lines.push(
      '',
      table(
        ['rule', 'fruits'],
        found.rules.map((row) => [row.rule, row.fruits]),
      ),
    );
  if (found.examples.length > 0) lines.push('', exampleTable(found));
  return lines.join('\n');
}

function confusionTable(found: RecipeDryRun): string {
  const { before, after } = dryRunGrades(found);
  const count = (from: string, to: string) =>
    found.confusion.find((row) => row.before === from && row.after === to)?.fruits ?? 0;
  return table(
    ['was \\ would be', ...after],
    before.map((from) => [from, ...after.map((to) => count(from, to))]),
  );
}

function stationTable({ stations }: RecipeDryRun): string {
  return table(
    ['station', 'judged', 'changed', 'share', 'not measured'],
    stations.map(({ station, judged, changed, unmeasured }) => [
      ...[station, judged, changed, judged === 0 ? '-' : percent(changed / judged), unmeasured],
    ]),
  );
}

function exampleTable({ examples }: RecipeDryRun): string {
  return table(
    ['for example', 'boot', 'seq', 'at', 'was', 'would be', 'decided by', 'mm'],
    examples.map((row) => [
      ...[row.station, row.boot, row.seq, row.at, row.before, row.after, row.decidedBy, row.diameterMm],
    ]),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
