import {
  AppError,
  type ModelView,
  type TrainingRunKind,
  type TrainingRunSummary,
  type TrainingRunView,
} from '@pomona/wire';
import { summaryOf } from '../domain/compare-runs.ts';

/** What is known of a run by itself; the version that was made of it is the registry's. */
export type StoredRun = Omit<TrainingRunView, 'model'>;

export interface ReadRunsPorts {
  readonly trainingRuns: {
    find(id: number): Promise<StoredRun | undefined>;
    list(kind?: TrainingRunKind): Promise<readonly StoredRun[]>;
  };
  readonly models: { list(): Promise<readonly ModelView[]> };
}

/** Newest first. */
export async function listRuns(ports: ReadRunsPorts, kind?: TrainingRunKind): Promise<TrainingRunSummary[]> {
  const models = await modelsByRun(ports);
  const runs = await ports.trainingRuns.list(kind);
  return runs.map((run) => summaryOf({ ...run, model: models.get(run.id) ?? null }));
}

/** Error: `run-unknown`. */
export async function readRun(ports: ReadRunsPorts, id: number): Promise<TrainingRunView> {
  const run = await ports.trainingRuns.find(id);
  if (run) return { ...run, model: (await modelsByRun(ports)).get(id) ?? null };
  throw new AppError('run-unknown', `there is no run ${id}`, { hint: 'See the list: pomona runs list.' });
}

async function modelsByRun({ models }: ReadRunsPorts) {
  const byRun = new Map<number, { name: string; version: number }>();
  for (const { trainingRun, name, version } of await models.list())
    if (trainingRun !== undefined) byRun.set(trainingRun, { name, version });
  return byRun;
}
