/**
 * Removes model versions that nobody needs by the project's rule, and the files that no version is left to need. What a station runs, could
 * fall back to, has staged or is to run stays, however long ago it was heard: a station that was switched off for
 * a season comes back and finds what it was told to run.
 *
 * Which files go is recorded, then the registry is changed, then they go: should the power fail in between, no version names a
 * file which is not there, and the next start removes the rest (`finish-removals.ts`).
 */
import { parseManifest } from '@pomona/release';
import {
  AppError,
  type Clock,
  type JobView,
  type ModelLogEntry,
  type ModelView,
  type ProjectView,
  type PruneReport,
  type ReleaseRef,
} from '@pomona/wire';
import { keyOf, type PruneVerdict, planPrune } from '../domain/plan-prune.ts';
import { defaultTargets } from '../domain/project-targets.ts';
import type { ChangedBy, StationRecord, StoredDesired } from './ports.ts';
import type { Rollout } from './rollouts.ts';

interface VersionChange {
  readonly name: string;
  readonly version: number;
  readonly record: ModelView | undefined;
  readonly entry: Omit<ModelLogEntry, 'name'>;
}

export interface PrunePorts {
  readonly models: {
    list(): Promise<readonly ModelView[]>;
    allAliases(): Promise<readonly { name: string; alias: string; version: number }[]>;
    changeVersions(changes: readonly VersionChange[]): Promise<void>;
  };
  readonly stations: { list(): Promise<readonly StationRecord[]> };
  readonly desired: { list(): Promise<readonly StoredDesired[]> };
  readonly runs: { everRan(): Promise<readonly { stationId: number; release: ReleaseRef }[]> };
  readonly rollouts: { listActive(): Promise<readonly Rollout[]> };
  readonly jobs: { list(): Promise<readonly Pick<JobView, 'id' | 'endedAt'>[]> };
  readonly project: { read(): Promise<ProjectView> };
  readonly blobs: {
    find(digest: string): Promise<Uint8Array | undefined>;
    bytesOf(digest: string): Promise<number>;
    remove(digest: string): Promise<void>;
  };
  readonly removals: {
    record(digests: readonly string[]): Promise<void>;
    forget(digests: readonly string[]): Promise<void>;
  };
  readonly clock: Clock;
}

interface Plan {
  readonly rule: PruneReport['rule'];
  readonly verdicts: readonly PruneVerdict[];
  /** Files of those that go which nothing else needs, with their sizes. */
  readonly freed: ReadonlyMap<string, number>;
}

/** What pruning would do now. Error: `model-unreadable`. */
export async function previewPrune(ports: PrunePorts): Promise<PruneReport> {
  return reportOf(await plan(ports), false);
}

/**
 * Errors: `models-busy` while a training may be about to make a version of files that are there, or when a version was ordered
 * in the same moment; `model-unreadable` when a version that stays does not say which files it needs. Then nothing is removed.
 */
export async function pruneModels(ports: PrunePorts, by: ChangedBy): Promise<PruneReport> {
  const running = (await ports.jobs.list()).find(({ endedAt }) => endedAt === null);
  if (running) throw busy(`job ${running.id} is not done and may need what would be removed`);
  const planned = await plan(ports);
  const at = new Date(ports.clock.nowMs()).toISOString();
  const going = planned.verdicts.filter(hasWork);
  const freed = [...planned.freed.keys()];
  await ports.removals.record(freed);
  await ports.models.changeVersions(going.map((verdict) => removalOf(verdict, at, by)));
  await keepWhatWasOrdered(ports, going, freed, at);
  for (const digest of freed) await ports.blobs.remove(digest);
  await ports.removals.forget(freed);
  return reportOf(planned, true);
}

function removalOf(
  { model, verdict, keepsWeights, why }: PruneVerdict,
  at: string,
  { actor, reason }: ChangedBy,
): VersionChange {
  const { name, version, digest } = model;
  const action = verdict === 'remove' ? `removed ${version}` : `removed the files of ${version}`;
  const detail = [digest, ...(keepsWeights ? ['its weights stay'] : []), ...why].join('; ');
  const record = verdict === 'remove' ? undefined : recordOf(model, keepsWeights, at);
  return { name, version, record, entry: { at, actor, action, reason, detail } };
}

/** An order that found a version just before it went: from now on nobody finds it, so looking once more is enough. */
async function keepWhatWasOrdered(
  ports: PrunePorts,
  going: readonly PruneVerdict[],
  freed: readonly string[],
  at: string,
): Promise<void> {
  const uses = await usesOf(ports, await ports.runs.everRan());
  const used = new Map(uses.map((use) => [keyOf(use), use.why]));
  const ordered = going.find(({ model }) => model.filesRemovedAt === undefined && used.has(keyOf(model)));
  if (!ordered) return;
  const reason = used.get(keyOf(ordered.model)) ?? '';
  await ports.models.changeVersions(
    going.map(({ model }) => ({
      ...{ name: model.name, version: model.version, record: model },
      entry: { at, actor: 'rule', action: `kept ${model.version}`, reason, detail: model.digest },
    })),
  );
  await ports.removals.forget(freed);
  throw busy(`${keyOf(ordered.model)} was ordered in this moment: ${reason}`);
}

function busy(message: string): AppError {
  return new AppError('models-busy', message, { hint: 'Nothing was removed; try again later.' });
}

function recordOf(model: ModelView, keepsWeights: boolean, at: string): ModelView {
  const { weightsDigest, filesRemovedAt = at, ...record } = model;
  return {
    ...record,
    filesRemovedAt,
    ...(keepsWeights && weightsDigest !== undefined ? { weightsDigest } : {}),
  };
}

/** A record whose files went before needs nothing more until nobody asks for the record. */
function hasWork({ model, verdict, keepsWeights }: PruneVerdict): boolean {
  if (verdict !== 'drop-files') return verdict === 'remove';
  return model.filesRemovedAt === undefined || (model.weightsDigest !== undefined && !keepsWeights);
}

async function plan(ports: PrunePorts): Promise<Plan> {
  const [models, { targets }, ever] = await Promise.all([
    ports.models.list(),
    ports.project.read(),
    ports.runs.everRan(),
  ]);
  const { keepVersions = defaultTargets.keepVersions, keepVersionDays = defaultTargets.keepVersionDays } =
    targets;
  const verdicts = planPrune({
    models,
    uses: await usesOf(ports, ever),
    graded: new Set(ever.map(({ release }) => keyOf(release))),
    rule: { newest: keepVersions, days: keepVersionDays },
    nowMs: ports.clock.nowMs(),
  });
  const needed = new Set<string>();
  for (const verdict of verdicts) for (const digest of await staying(ports, verdict)) needed.add(digest);
  const freed = new Map<string, number>();
  for (const verdict of verdicts.filter(hasWork))
    for (const digest of await filesOf(ports, verdict.model))
      if (!needed.has(digest)) freed.set(digest, await ports.blobs.bytesOf(digest));
  return { rule: { keepVersions, keepVersionDays }, verdicts, freed };
}

async function staying(ports: PrunePorts, { model, verdict, keepsWeights }: PruneVerdict): Promise<string[]> {
  const weights = keepsWeights && model.weightsDigest !== undefined ? [model.weightsDigest] : [];
  if (verdict !== 'keep' || model.filesRemovedAt !== undefined) return weights;
  const files = await listedIn(ports, model);
  if (files) return [model.digest, ...files, ...weights];
  throw new AppError('model-unreadable', `the manifest of ${keyOf(model)} is not there or damaged`, {
    hint: 'Import that release again, or restore the data folder’s blobs; until then nothing is removed.',
  });
}

/** All that a version may have there; its manifest alone where that cannot be read. */
export async function filesOf(
  ports: Pick<PrunePorts, 'blobs'>,
  model: Pick<ModelView, 'digest' | 'weightsDigest' | 'filesRemovedAt'>,
): Promise<string[]> {
  const weights = model.weightsDigest === undefined ? [] : [model.weightsDigest];
  if (model.filesRemovedAt !== undefined) return weights;
  return [model.digest, ...((await listedIn(ports, model)) ?? []), ...weights];
}

async function listedIn(
  { blobs }: Pick<PrunePorts, 'blobs'>,
  { digest }: Pick<ModelView, 'digest'>,
): Promise<string[] | undefined> {
  const bytes = await blobs.find(digest);
  if (bytes === undefined) return undefined;
  try {
    return parseManifest(bytes).files.map((file) => file.digest);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

type Use = { readonly name: string; readonly version: number; readonly why: string };

async function usesOf(
  { models, stations, desired, rollouts }: PrunePorts,
  ever: readonly { readonly stationId: number; readonly release: ReleaseRef }[],
): Promise<Use[]> {
  const uses: Use[] = [];
  const need = (release: { name: string; version: number } | null | undefined, why: string) => {
    if (release) uses.push({ name: release.name, version: release.version, why });
  };
  for (const alias of await models.allAliases()) need(alias, `it is ${alias.name}@${alias.alias}`);
  for (const { id, station, reported } of await stations.list()) {
    if (!reported) continue;
    need(reported.running?.release, `station ${station} runs it`);
    need(reported.update.release, `station ${station} fetches or has staged it`);
    for (const { release } of reported.slots ?? []) need(release, `station ${station} has it in a slot`);
    // An agent that tells no slots has the one before in the other.
    if (reported.slots === undefined)
      for (const { release } of ever.filter(({ stationId }) => stationId === id).slice(0, 2))
        need(release, `station ${station} ran it last`);
  }
  for (const { station, desired: order } of await desired.list())
    need(order.release, `station ${station.station} is to run it`);
  for (const { id, spec, state } of await rollouts.listActive()) {
    need(spec.release, `rollout ${id} brings it`);
    for (const { previous, station } of state.members)
      need(previous, `rollout ${id} would give it back to ${station}`);
  }
  return uses;
}

function reportOf({ rule, verdicts, freed }: Plan, done: boolean): PruneReport {
  const bytes = [...freed.values()];
  return {
    done,
    rule,
    versions: verdicts
      .filter((each) => each.verdict === 'keep' || hasWork(each))
      .map(({ model: { name, version }, verdict, why }) => ({ name, version, verdict, why: [...why] })),
    freedFiles: bytes.length,
    freedBytes: bytes.reduce((sum, each) => sum + each, 0),
  };
}
