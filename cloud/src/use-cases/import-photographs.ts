import type { Acceptance, DatasetView, ProjectView } from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import { imageLimitsOf } from '../domain/image-limits.ts';
import {
  type ImportDatasetPorts,
  type ImportDatasetRequest,
  type ImportedDataset,
  importDataset,
} from './import-dataset.ts';
import { acceptanceKey } from './verify-photographs.ts';

export interface ProjectDatasets {
  readonly datasets: {
    find(name: string): Promise<DatasetView | undefined>;
    save(view: DatasetView): Promise<void>;
  };
  readonly project: { read(): Promise<ProjectView> };
  /** What a version says of its images. */
  readFile(view: Pick<DatasetView, 'name' | 'digest'>): Promise<DatasetFile>;
}

/**
 * Imports by the limits of the project, and takes again what somebody accepted into the newest version of that name. Errors: as
 * `importDataset`; `dataset-damaged`.
 */
export async function importPhotographs(
  ports: ImportDatasetPorts & ProjectDatasets,
  request: Omit<ImportDatasetRequest, 'limits' | 'accepted'>,
): Promise<ImportedDataset> {
  const { targets, version: settings } = await ports.project.read();
  const imported = await importDataset(ports, {
    ...request,
    limits: { settings, limits: imageLimitsOf(targets) },
    accepted: await acceptances(ports, request.name),
  });
  await ports.datasets.save(imported.view);
  return imported;
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
