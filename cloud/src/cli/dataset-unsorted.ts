import { standardiseOf, systemClock } from '@pomona/wire';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { type ImportedUnsorted, importUnsorted } from '../use-cases/import-unsorted.ts';
import { createCountBar } from './count-bar.ts';
import { localActor } from './local-actor.ts';
import { type Output, table } from './output.ts';
import { withRegistry } from './with-registry.ts';
import { withUnpacked } from './with-unpacked.ts';

interface UnsortedOptions {
  readonly data: string;
  readonly folder: string;
  readonly name: string;
  readonly grades: readonly string[];
  readonly size: number;
  readonly whiteBalance?: boolean;
  readonly equalise?: boolean;
}

/** `pomona dataset import --unsorted`, with a progress bar. */
export async function takeUnsorted(
  { data, folder: place, name, grades: labels, size: inputSize, ...colours }: UnsortedOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const bar = createCountBar(output, 'photographs');
  const blobs = new BlobFolder(data);
  try {
    const found = await withRegistry(data, ({ project, photographs: store }) =>
      withUnpacked(place, signal, (folder) =>
        importUnsorted(
          { blobs, store, project, clock: systemClock, photographs: new PhotographFolder(blobs) },
          {
            ...{ folder, name, labels, inputSize, signal, by: localActor() },
            standardise: standardiseOf(colours),
            onProgress: ({ done, total }) => bar.update(done, total),
          },
        ),
      ),
    );
    bar.stop();
    output.report(found, describe(found));
  } finally {
    bar.stop();
  }
}

function describe({ dataset, added, known, quarantined, notes }: ImportedUnsorted): string {
  return [
    ...notes.map((note) => `note: ${note}`),
    ...(quarantined.length === 0
      ? []
      : [
          table(
            ['quarantined', 'because'],
            quarantined.map(({ path, reason }) => [path, reason]),
          ),
          '',
        ]),
    `photographs: ${added} new, ${known} known before, ${quarantined.length} quarantined`,
    `Label them on the console’s page Labelling, where those of the quarantine that show a fruit can be taken too.`,
    `Then \`pomona dataset freeze ${dataset} --photographs\`.`,
  ].join('\n');
}
