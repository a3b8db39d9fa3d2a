import { setImmediate as turn } from 'node:timers/promises';
import {
  AppError,
  type Clock,
  counted,
  type DatasetView,
  describeStandardise,
  isOfStation,
  type ModelView,
  type Provenance,
  type SampleQuery,
  type SampleView,
  type StationSample,
} from '@pomona/wire';
import { addSamples, viewsOf } from '../domain/add-samples.ts';
import { type DatasetFile, datasetViewOf } from '../domain/dataset.ts';
import { datasetError } from '../domain/dataset-errors.ts';
import { isKeptBack } from '../domain/label-standing.ts';
import type { DatasetStore } from './dataset-ports.ts';

export interface FreezeSamplesPorts {
  readonly store: DatasetStore;
  readonly clock: Clock;
  /** The base version: `maps` as in `defects.u8`, undefined where it has none. */
  readBase(base: Pick<DatasetView, 'name' | 'digest'>): Promise<{
    readonly file: DatasetFile;
    readonly crops: Uint8Array;
    readonly maps: Uint8Array | undefined;
  }>;
  readonly models: { find(name: string, version: number): Promise<ModelView | undefined> };
  /** uint8 [views, size, size, 3] of a sample. */
  readPixels(sample: Pick<SampleView, 'pixels'>): Promise<Uint8Array>;
}

export interface FreezeLabelledPorts extends FreezeSamplesPorts {
  readonly samples: {
    labelledAt(query: SampleQuery, atMs: number, countMax: number): Promise<SampleView[]>;
  };
  readonly datasets: { save(dataset: DatasetView): Promise<unknown> };
}

const samplesMax = 1_000;

/** Freezes the base and the newest fruit of the query that was labelled by then, and registers that. Errors: `bad-request` for an instant to come, those of `freezeSamples`. */
export async function freezeLabelled(
  ports: FreezeLabelledPorts,
  base: Pick<DatasetView, 'name' | 'digest'>,
  {
    query,
    labelsAt,
    seed,
  }: { readonly query: SampleQuery; readonly labelsAt?: string | undefined; readonly seed: number },
): Promise<DatasetView> {
  const nowMs = ports.clock.nowMs();
  const labelsAtMs = labelsAt === undefined ? nowMs : Date.parse(labelsAt);
  if (!(labelsAtMs <= nowMs))
    throw new AppError('bad-request', `labelsAt ${labelsAt} is no instant until now`, {
      hint: 'Leave it out for the labels that hold now.',
    });
  const samples = (await ports.samples.labelledAt(query, labelsAtMs, samplesMax)).filter(isOfStation);
  const dataset = await freezeSamples(ports, base, samples, seed);
  await ports.datasets.save(dataset);
  return dataset;
}

/**
 * Freezes the base and the labelled fruit as one version of the base's name. Two samples of one fruit count once, the
 * later label; a fruit on which two people differ does not, whichever of its samples that was, nor one whose colours are not made as the base's. Errors: `samples-too-few`, `samples-other-shape`, `dataset-damaged`, `dataset-not-written`.
 */
export async function freezeSamples(
  { store, clock, readBase, readPixels, models }: FreezeSamplesPorts,
  base: Pick<DatasetView, 'name' | 'digest'>,
  samples: readonly StationSample[],
  seed: number,
): Promise<DatasetView> {
  const { file: old, crops, maps } = await readBase(base);
  const known = new Set(old.images.map(({ group }) => group));
  const byGroup = new Map<string, StationSample>();
  const keptBack = new Set(samples.filter(({ review }) => isKeptBack(review)).map(groupOf));
  const labelled = samples.filter(({ label }) => label !== null);
  const seenAlike = await ofColours(old, labelled, models);
  for (const sample of seenAlike) {
    if (sample.size !== old.inputSize)
      throw datasetError(
        'samples-other-shape',
        `a sample is of ${sample.size} pixels, ${old.name} of ${old.inputSize}`,
      );
    // A fruit that the base has already keeps the split that it has there.
    const group = groupOf(sample);
    if (!known.has(group) && !keptBack.has(group)) byGroup.set(group, laterOf(sample, byGroup.get(group)));
  }
  const chosen = [...byGroup].sort(([a], [b]) => (a < b ? -1 : 1));
  const viewBytes = old.inputSize ** 2 * 3;
  const views = new Map<string, readonly Uint8Array[]>();
  for (const [group, sample] of chosen) {
    const pixels = await readPixels(sample);
    views.set(
      group,
      Array.from({ length: sample.views }, (_, i) => pixels.subarray(i * viewBytes, (i + 1) * viewBytes)),
    );
  }
  const added = await addSamples(
    old,
    crops,
    chosen.map(([group, sample]) => ({
      group,
      label: sample.label!,
      source: `${sample.site}/${sample.line}/${sample.station}, ${sample.reason}`,
      about: aboutOf(sample),
      labelled: { by: sample.labelledBy!, at: sample.labelledAt! },
      views: views.get(group)!,
    })),
    { seed, nowMs: clock.nowMs(), breathe: () => turn() },
  );
  const others = labelled.length - seenAlike.length;
  const file = {
    ...added,
    notes: [
      ...added.notes,
      ...(others === 0
        ? []
        : [
            `left out: ${counted(others, 'labelled fruit')} whose colours are not ${describeStandardise(old.standardise)}`,
          ]),
    ],
  };
  const draft = await store.begin(old.name);
  try {
    await draft.append(crops, maps);
    const noMap = maps && new Uint8Array((old.defectCells ?? 0) ** 2 * 2);
    for (const [group] of chosen) {
      const all = views.get(group)!;
      for (const view of viewsOf(all.length, old.viewsPerFruit)) await draft.append(all[view]!, noMap);
    }
    return datasetViewOf((await draft.commit(file)).file);
  } finally {
    await draft.discard();
  }
}

/** Those whose crops were made as those of the base are. A version that was removed says nothing of it any more. */
async function ofColours(
  { standardise }: DatasetFile,
  samples: readonly StationSample[],
  models: FreezeSamplesPorts['models'],
): Promise<StationSample[]> {
  const wanted = describeStandardise(standardise);
  const coloursOf = new Map<string, string>();
  for (const { release } of samples) {
    const { name, version, digest } = release;
    if (coloursOf.has(digest)) continue;
    coloursOf.set(digest, describeStandardise((await models.find(name, version))?.standardise));
  }
  return samples.filter(({ release }) => coloursOf.get(release.digest) === wanted);
}

/** A station knows its place and the time; what grew where, and in which lot it came, nobody tells it. */
function aboutOf({ site, line, station, reason, at, receivedAt }: StationSample): Provenance {
  // A clock that is ahead of ours is wrong, and it was not later than that.
  const capturedAt = at < receivedAt ? at : receivedAt;
  return { source: `sampled: ${reason}`, station, line: `${site}/${line}`, capturedAt };
}

function laterOf(sample: StationSample, other: StationSample | undefined): StationSample {
  if (other === undefined || sample.labelledAt! > other.labelledAt!) return sample;
  return sample.labelledAt === other.labelledAt && sample.id > other.id ? sample : other;
}

function groupOf({ station, fruit }: StationSample): string {
  return `sample/${station}/${fruit.boot}/${fruit.seq}`;
}
