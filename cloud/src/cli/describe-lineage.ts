import type { Lineage, LineageModel } from '@pomona/wire';
import { table } from './output.ts';

const words = {
  learnt: 'learnt from',
  validated: 'was stopped and scaled by',
  tested: 'was judged by',
  calibrated: 'is calibrated on',
  'went-on': 'went on from',
} as const satisfies Record<LineageModel['links'][number]['as'], string>;

/** In the order of the way: photographs, datasets, models, stations. */
export function describeLineage(lineage: Lineage, said: string): string {
  const { of, photographs, quarantined, datasets, models, runs, unreadable } = lineage;
  const after = models.filter(({ place }) => place === 'after');
  const parts = [
    of.kind === 'photograph' && said !== of.name ? `${said}  ${of.name}` : of.name,
    ...(photographs.length > 0 ? [describePhotographs(lineage)] : []),
    ...quarantined.map(
      ({ dataset, path, reason }) => `in quarantine of ${idOf(dataset)} as ${path}: ${reason}`,
    ),
    ...(of.kind !== 'photograph' && datasets.length > 0 ? [describeDatasets(lineage)] : []),
    models.length === 0 ? 'No model version learnt from it.' : describeModels(models),
    ...(of.kind === 'model' && after.length === 0 ? ['Nothing went on from it.'] : []),
    ...(models.length === 0
      ? []
      : [runs.length === 0 ? 'No station said that it ran any of them.' : describeRuns(lineage)]),
    ...unreadable.map(({ why, ...dataset }) => `not looked into: ${idOf(dataset)}, ${why}`),
  ];
  return parts.join('\n\n');
}

function describePhotographs({ photographs }: Lineage): string {
  return table(
    ['dataset', 'as', 'grade', 'split', 'group', 'labelled by', 'station'],
    photographs.map(({ dataset, path, grade, split, group, labelled, about }) => [
      ...[idOf(dataset), path, grade, split, group],
      labelled === null ? '-' : `${labelled.by} ${labelled.at}`,
      about?.station ?? '-',
    ]),
  );
}

function describeDatasets({ datasets }: Lineage): string {
  return table(
    ['dataset', 'created', 'images', 'groups', 'from'],
    datasets.map((each) => [idOf(each), each.createdAt, each.images, each.groups, each.source]),
  );
}

function describeModels(models: readonly LineageModel[]): string {
  return table(
    ['model', 'release', 'created', 'place', 'why', 'aliases'],
    models.map(({ name, version, digest, createdAt, place, links, aliases }) => [
      ...[`${name}@${version}`, digest.slice(0, 12), createdAt, place],
      links.map(({ as, from }) => `${words[as]} ${from}`).join(', '),
      aliases.join(', ') || '-',
    ]),
  );
}

function describeRuns({ runs }: Lineage): string {
  return table(
    ['station', 'ran', 'variant', 'from', 'until'],
    runs.map(({ site, line, station, release, variant, from, until }) => [
      `${site}/${line}/${station}`,
      release === null ? '-' : `${release.name}@${release.version}`,
      ...[variant ?? '-', from, until ?? 'now'],
    ]),
  );
}

function idOf({ name, digest }: { readonly name: string; readonly digest: string }): string {
  return `${name}@${digest.slice(0, 12)}`;
}
