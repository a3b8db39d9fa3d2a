import { counted, type DatasetView, describeStandardise } from '@pomona/wire';

export function describeDataset(view: DatasetView): string {
  const splits = view.bySplit.map(
    (part) => `${part.split} ${counted(part.images, 'image')} of ${counted(part.groups, 'group')}`,
  );
  const lines = [
    `${view.name}@${view.digest}`,
    `source       ${view.source}, ${view.createdAt}`,
    `images       ${view.images} of ${counted(view.groups, 'group')}, ${view.inputSize}×${view.inputSize}`,
    `colours      ${describeStandardise(view.standardise)}`,
    `grades       ${countsOf(view.byGrade)}`,
    `split        ${splits.join(', ')}`,
    ...(view.keptSplit === undefined ? [] : [`kept split   ${view.keptSplit}`]),
    `left out     ${view.leftOut.length === 0 ? 'none' : countsOf(view.leftOut)}`,
    ...(view.notes ?? []).map((note) => `note         ${note}`),
    `quarantined  ${view.quarantined.length}`,
    ...view.quarantined.map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(view.accepted ?? []).map(({ path, by, at, why }) => `accepted     ${path}, by ${by}, ${at}: ${why}`),
  ];
  return lines.join('\n');
}

export function countsOf(counts: readonly { grade: string; count: number }[]): string {
  return counts.map(({ grade, count }) => `${count} ${grade}`).join(', ');
}
