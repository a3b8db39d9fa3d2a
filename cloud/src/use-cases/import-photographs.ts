import { type Acceptance, type DatasetView, isAppError, type Labelled, type ProjectView } from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import { type EarlierSplits, earlierSplitsOf } from '../domain/earlier-splits.ts';
import { imageLimitsOf } from '../domain/image-limits.ts';
import {
  type ImportDatasetPorts,
  type ImportDatasetRequest,
  type ImportedDataset,
  importDataset,
} from './import-dataset.ts';
import { type CropBlobs, keepingCrops, keepPhotographs } from './keep-photographs.ts';
import type { PhotographStore } from './photograph-ports.ts';
import { acceptanceKey, type Verified } from './verify-photographs.ts';

export interface KeepingPorts {
  readonly blobs: CropBlobs;
  readonly kept: PhotographStore;
}

export interface ProjectDatasets {
  readonly datasets: {
    find(name: string): Promise<DatasetView | undefined>;
    /** Newest first. */
    list(): Promise<readonly DatasetView[]>;
    save(view: DatasetView): Promise<void>;
  };
  readonly project: { read(): Promise<ProjectView> };
  /** What a version says of its images. */
  readFile(view: Pick<DatasetView, 'name' | 'digest'>): Promise<DatasetFile>;
}

/** Imports a folder that is sorted by grades, and keeps what was found to be labelled otherwise or, where it was refused, to be taken. Errors: as `importPhotographs`. */
export async function importSorted(
  { blobs, kept, ...ports }: ImportDatasetPorts & ProjectDatasets & KeepingPorts,
  request: Omit<ImportDatasetRequest, 'limits' | 'accepted' | 'earlier'>,
): Promise<ImportedDataset> {
  const photographs = keepingCrops(ports.photographs, blobs);
  const { name: dataset, labels, inputSize: size, standardise } = request;
  const onVerified = async (found: Verified, labelledHere: Labelled) => {
    const graded = new Map(found.listed.map((photograph) => [photograph.path, photograph]));
    await keepPhotographs(kept, found, {
      ...{ dataset, labels, size, standardise, atMs: ports.clock.nowMs(), pixelsOf: photographs.pixelsOf },
      saidOf(path) {
        const { grade, labelled = labelledHere } = graded.get(path)!;
        return { grade, labelled };
      },
    });
  };
  return importPhotographs({ ...ports, photographs, onVerified }, request);
}

/**
 * Imports by the limits of the project, and takes again what somebody accepted, also into the newest version of that name. What versions of that name had
 * stays in its split. Errors: as `importDataset`; `dataset-damaged`.
 */
export async function importPhotographs(
  ports: ImportDatasetPorts & ProjectDatasets,
  request: Omit<ImportDatasetRequest, 'limits' | 'earlier'>,
): Promise<ImportedDataset> {
  const { targets, version: settings } = await ports.project.read();
  const imported = await importDataset(ports, {
    ...request,
    limits: { settings, limits: imageLimitsOf(targets) },
    earlier: await splitsBefore(ports, request.name),
    accepted: new Map([...(await acceptances(ports, request.name)), ...(request.accepted ?? [])]),
  });
  await ports.datasets.save(imported.view);
  return imported;
}

const versionsRead = 20;

/** Of the newest versions of that name. One that was damaged can only be made again, and says nothing. */
async function splitsBefore(
  { datasets, readFile }: Pick<ProjectDatasets, 'datasets' | 'readFile'>,
  name: string,
): Promise<EarlierSplits> {
  const versions = (await datasets.list()).filter((each) => each.name === name).slice(0, versionsRead);
  const files: DatasetFile[] = [];
  const notes: string[] = [];
  for (const version of versions)
    try {
      files.push(await readFile(version));
    } catch (error) {
      if (!isAppError(error) || error.code !== 'dataset-damaged') throw error;
      notes.push(`${name}@${version.digest.slice(0, 12)} cannot be read: its split is not kept`);
    }
  return earlierSplitsOf(files, notes);
}

/** What was accepted into the newest version of that name. */
export async function acceptances(
  {
    datasets,
    readFile,
  }: Pick<ProjectDatasets, 'readFile'> & {
    readonly datasets: Pick<ProjectDatasets['datasets'], 'find'>;
  },
  name: string,
): Promise<Map<string, Acceptance>> {
  const newest = await datasets.find(name);
  if (!newest?.accepted) return new Map();
  return acceptancesIn(await readFile(newest));
}

/** What was accepted into this version. */
export function acceptancesIn({ images }: Pick<DatasetFile, 'images'>): Map<string, Acceptance> {
  return new Map(
    images.flatMap(({ original, grade, accepted }) =>
      original && accepted ? [[acceptanceKey({ original, grade }), accepted] as const] : [],
    ),
  );
}
