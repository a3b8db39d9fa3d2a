import { existsSync } from 'node:fs';
import { counted, type ImageFigures, type ImageLimits } from '@pomona/wire';
import { Command } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { BlobPhotographs } from '../adapters/dataset/blob-photographs.ts';
import { datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { datasetError } from '../domain/dataset-errors.ts';
import { unlistedNotes } from '../domain/dataset-freeze.ts';
import { breachesOf, imageLimitsOf } from '../domain/image-limits.ts';
import { labelNames } from '../domain/label-names.ts';
import type { Photographs } from '../use-cases/dataset-ports.ts';
import { photographsOf, type VerifiedFolder, verifyDataset } from '../use-cases/verify-dataset.ts';
import { createCountBar } from './count-bar.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { type Registry, withRegistry } from './with-registry.ts';
import { withUnpacked } from './with-unpacked.ts';

interface VerifyOptions {
  readonly data: string;
  readonly grades: string[];
  readonly json?: true;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('hold photographs against the project’s limits and each other, and keep nothing')
    .argument('<folder or dataset>', 'as for `import`, or NAME[@DIGEST] of a version')
    .option('--grades <names...>', 'the grades to look at', ['good', 'ok', 'bad'])
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (place: string, options: VerifyOptions) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      const bar = createCountBar(output, 'photographs');
      try {
        const found = await withRegistry(options.data, async (registry) => {
          const source = await sourceOf(place, options, registry);
          const verified = await withUnpacked(source.folder, interrupt.signal, (folder) =>
            verifyDataset(
              { photographs: source.photographs, project: registry.project },
              {
                ...{ folder, labels: source.labels, accepted: source.accepted },
                signal: interrupt.signal,
                onProgress: ({ done, total }) => bar.update(done, total),
              },
            ),
          );
          return { ...verified, limits: imageLimitsOf((await registry.project.read()).targets) };
        });
        bar.stop();
        if (found.images.length === 0 && found.leftOut.length === 0)
          throw datasetError(
            'dataset-empty',
            ['there is no photograph to verify', ...unlistedNotes(found.unlisted)].join('; '),
          );
        output.report(found, describe(found));
      } finally {
        bar.stop();
        interrupt.dispose();
      }
    });
}

async function sourceOf(place: string, { data, grades }: VerifyOptions, { datasets }: Registry) {
  const blobs = new BlobFolder(data);
  const folder = pathOption(place);
  if (existsSync(folder)) {
    const photographs: Photographs = new PhotographFolder(blobs);
    return { folder, photographs, labels: labelNames(grades), accepted: new Map() };
  }
  const view = await findDataset(datasets, place);
  const file = await readDatasetFile(datasetFolderOf(data, view.name, view.digest));
  const { kept, accepted } = photographsOf(file);
  if (kept.length === 0)
    throw datasetError('dataset-without-photographs', `${view.name} was not made of photographs`);
  const photographs: Photographs = new BlobPhotographs(blobs.folder, kept);
  return { folder: place, photographs, labels: file.labels, accepted };
}

const columns: readonly (readonly [keyof ImageFigures, string, ...(keyof ImageLimits)[]])[] = [
  ['sidePx', 'shorter side', 'minSidePx'],
  ['score', 'outline', 'minScore'],
  ['fill', 'fill', 'minFill'],
  ['sharpness', 'sharpness', 'minSharpness'],
  ['luma', 'luma', 'minLuma', 'maxLuma'],
  ['lumaRange', 'luma range', 'minLumaRange'],
  ['highlights', 'highlights', 'maxHighlights'],
  ['shadows', 'shadows', 'maxShadows'],
  ['castDegrees', 'cast, degrees', 'maxCastDegrees'],
];

const twinsShown = 20;
/** The default lets smooth fruit pass, and with it photographs that are clearly blurred (ADR 21). */
const sharpnessAdvised = 6;

function describe({
  images,
  leftOut,
  unlisted,
  limits,
}: VerifiedFolder & { readonly limits: Required<ImageLimits> }): string {
  const refused = images.filter(({ verdict }) => verdict === 'quarantined');
  const twins = images.flatMap(({ path, twinOf }) => (twinOf === undefined ? [] : [[path, twinOf]]));
  const more = twins.length - twinsShown;
  const rows = columns.map(([figure, name, ...bounds]) => {
    const values = images.flatMap(({ figures }) => (figures ? [figures[figure]] : [])).sort((a, b) => a - b);
    const at = (share: number) => shown(values[Math.round(share * (values.length - 1))]);
    const limit = bounds.map((bound) => `${bound.startsWith('min') ? '≥' : '≤'} ${limits[bound]}`).join(', ');
    const beyond = images.filter(
      ({ figures }) => figures && breachesOf(figures, limits).some((breach) => breach.figure === figure),
    ).length;
    return [name, limit, at(0), at(0.05), at(0.5), at(0.95), at(1), beyond];
  });
  return [
    `${counted(images.length, 'photograph')}: ${images.length - refused.length} can be used, ${refused.length} would be quarantined`,
    ...(leftOut.length === 0
      ? []
      : [
          `left out, not of the grades that were asked for: ${leftOut.map(({ grade, count }) => `${count} ${grade}`).join(', ')}`,
        ]),
    ...unlistedNotes(unlisted),
    `all but the same as another one: ${twins.length}`,
    ...(limits.minSharpness < sharpnessAdvised
      ? [
          `a sharpness of ${limits.minSharpness} lets blurred photographs pass: set \`minSharpness\` of \`imageLimits\` to ${sharpnessAdvised} or more, below what your own have`,
        ]
      : []),
    '',
    table(['figure', 'limit', 'least', '5 %', 'median', '95 %', 'most', 'beyond'], rows),
    ...(refused.length === 0
      ? []
      : [
          '',
          table(
            ['quarantined', 'because'],
            refused.map(({ path, reason = '' }) => [path, reason]),
          ),
        ]),
    ...(twins.length === 0
      ? []
      : [
          '',
          table(['photograph', 'shows all but the same as'], twins.slice(0, twinsShown)),
          ...(more > 0 ? [`… and ${more} more, see --json`] : []),
        ]),
  ].join('\n');
}

function shown(value: number | undefined): string {
  if (value === undefined) return '';
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
