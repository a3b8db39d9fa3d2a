import { setImmediate as turn } from 'node:timers/promises';
import { digestOf } from '@pomona/release';
import type { Clock, DatasetView, LabelSource } from '@pomona/wire';
import { type AcceptedImage, addAccepted } from '../domain/add-accepted.ts';
import { type DatasetFile, datasetViewOf } from '../domain/dataset.ts';
import { datasetError } from '../domain/dataset-errors.ts';
import type { DatasetStore, Photographs } from './dataset-ports.ts';
import type { PhotographStore } from './photograph-ports.ts';

export interface AcceptPorts {
  readonly store: DatasetStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly datasets: {
    save(view: DatasetView): Promise<void>;
    /** The newest version of that name. */
    find(name: string): Promise<DatasetView | undefined>;
  };
  /** A version with its crops. */
  read(
    view: Pick<DatasetView, 'name' | 'digest'>,
  ): Promise<{ readonly file: DatasetFile; readonly crops: Uint8Array }>;
  /** Photographs that were kept; a path is the SHA-256 of one. */
  readonly photographs: Pick<Photographs, 'inspect'>;
  /** Where they wait under *Quarantined* to be labelled. */
  readonly waiting: Pick<PhotographStore, 'take'>;
}

export interface AcceptQuarantined {
  readonly paths: readonly string[];
  readonly why: string;
  readonly by: string;
  readonly source: LabelSource;
  readonly signal?: AbortSignal;
}

/**
 * Makes a new version that holds these photographs too, with who took them and why. Only of the newest version: what was
 * accepted since would be missing in one of an older one. Errors: `dataset-superseded`, `not-quarantined`, `not-acceptable`,
 * `dataset-damaged`, `dataset-not-written`.
 */
export async function acceptQuarantined(
  { store, clock, datasets, read, photographs, waiting }: AcceptPorts,
  dataset: Pick<DatasetView, 'name' | 'digest'>,
  { paths, why, by, source, signal = new AbortController().signal }: AcceptQuarantined,
): Promise<DatasetView> {
  await checkNewest(datasets, dataset);
  const { file, crops } = await read(dataset);
  const asked = [...new Set(paths)].map((path) => findRefused(file, path));
  refuseCopies(asked);
  const nowMs = clock.nowMs();
  const added: (AcceptedImage & { readonly crop: Uint8Array })[] = [];
  const originals = asked.map(({ original }) => original);
  for await (const inspection of photographs.inspect('', originals, file, signal)) {
    const { path, reason, original, grade, group, about: said, labelled } = asked[added.length]!;
    if (!inspection.ok) throw datasetError('not-acceptable', `${path} cannot be taken: ${inspection.reason}`);
    const { crop, capturedAt } = inspection;
    // As at an import: what was said of the time counts more than the camera's clock.
    const about = { ...(capturedAt === undefined ? {} : { capturedAt }), ...said };
    const at = new Date(nowMs).toISOString();
    added.push({
      ...{ crop, grade, group, source: path, original, digest: digestOf(crop) },
      ...(Object.keys(about).length === 0 ? {} : { about }),
      labelled: labelled ?? { by, at },
      accepted: { by, at, why, reason },
    });
  }
  const breathe = async () => {
    await turn();
    signal.throwIfAborted();
  };
  const draft = await store.begin(file.name);
  try {
    await draft.append(crops);
    for (const { crop } of added) await draft.append(crop);
    const grown = await addAccepted(file, crops, added, { nowMs, breathe });
    // Somebody else may have accepted meanwhile.
    await checkNewest(datasets, dataset);
    const view = datasetViewOf((await draft.commit(grown)).file);
    await datasets.save(view);
    await waiting.take(file.name, asked, { by, source, atMs: nowMs });
    return view;
  } finally {
    await draft.discard();
  }
}

async function checkNewest(
  datasets: AcceptPorts['datasets'],
  { name, digest }: Pick<DatasetView, 'name' | 'digest'>,
): Promise<void> {
  const newest = await datasets.find(name);
  if (newest === undefined || newest.digest === digest) return;
  const [wanted, now] = [digest, newest.digest].map((each) => each.slice(0, 12));
  throw datasetError('dataset-superseded', `${name}@${wanted} is not the newest version, ${name}@${now} is`);
}

/** The same bytes count once, and under one grade. */
function refuseCopies(asked: readonly { readonly path: string; readonly original: string }[]): void {
  for (const [at, { path, original }] of asked.entries()) {
    const copy = asked.slice(0, at).find((each) => each.original === original);
    if (copy !== undefined)
      throw datasetError(
        'not-acceptable',
        `${path} is the same photograph as ${copy.path}: accept one of them`,
      );
  }
}

function findRefused({ quarantined, images, name, labels }: DatasetFile, path: string) {
  const refused = quarantined.find((each) => each.path === path);
  if (refused === undefined)
    throw datasetError('not-quarantined', `${path} is not in the quarantine of ${name}`);
  const { original, grade, group } = refused;
  if (original === undefined || grade === undefined || group === undefined)
    throw datasetError('not-acceptable', `${path} was not kept: ${refused.reason}`);
  if (!labels.includes(grade))
    throw datasetError('not-acceptable', `${path} is ${grade}, which ${name} does not know`);
  const same = images.find((image) => image.original === original);
  if (same !== undefined)
    throw datasetError('not-acceptable', `${path} is in ${name} already, as ${same.source}`);
  return { ...refused, original, grade, group };
}
