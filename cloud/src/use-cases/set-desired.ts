import { checkRecipe, defaultRecipe, parseRecipe } from '@pomona/grading';
import { canonicalJson, releaseError } from '@pomona/release';
import {
  AppError,
  type Clock,
  type Desired,
  type DesiredRequest,
  type ModelView,
  type Recipe,
  type SignedEnvelope,
} from '@pomona/wire';
import { defaultRecipeFor } from '../domain/default-recipe-for.ts';
import { filesRemoved } from './files-removed.ts';
import { checkForModel } from './give-recipe.ts';
import type { ChangedBy, DesiredSigner, Logger, StationLink, StationRecord, StoredDesired } from './ports.ts';

/** What a station sorts by before it has any model. */
const labelsWithoutModel = ['good', 'ok', 'bad'];

export interface DesiredPorts {
  readonly stations: { find(station: string): Promise<StationRecord | undefined> };
  readonly models: { find(name: string, version?: number): Promise<ModelView | undefined> };
  /** Whether it still misses signatures of keys that are kept elsewhere. */
  readonly isWaiting: (release: ReleaseVersion) => Promise<boolean>;
  readonly desired: {
    advance(
      station: StationRecord,
      nowMs: number,
      sign: (counter: number, last: Omit<SignedDesiredState, 'envelope'> | undefined) => SignedDesiredState,
      by?: ChangedBy,
    ): Promise<SignedDesiredState>;
    list(): Promise<readonly StoredDesired[]>;
  };
  readonly signer: DesiredSigner;
  readonly link: Pick<StationLink, 'publishDesired'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ReleaseVersion {
  readonly name: string;
  readonly version: number;
}

export interface SignedDesiredState {
  readonly desired: Desired;
  readonly envelope: SignedEnvelope;
  /** The recipe that somebody chose for the station, also while its release brings another; null where nobody did. */
  readonly ownRecipe: Recipe | null;
}

/**
 * Signs, stores and publishes what a station should run: by the recipe that was asked for, else by the release's, else by the
 * station's own, which is the last that was asked for, if it fits the model's labels; or by the model's default one. When the broker is away it is published at the next connection.
 * Errors: `station-unknown`, `model-unknown`, `files-removed`, `release-waiting`, `recipe-invalid`.
 */
export async function setDesired(
  ports: DesiredPorts,
  station: string,
  request: DesiredRequest,
  by?: ChangedBy,
): Promise<Desired> {
  const record = await ports.stations.find(station);
  if (!record) {
    throw new AppError('station-unknown', `there is no station ${station}`, {
      hint: 'See the list: pomona station list.',
    });
  }
  const model = request.release ? await findReleased(ports, request.release) : undefined;
  const labels = model?.labels ?? labelsWithoutModel;
  if (request.recipe) {
    const recipe = parseRecipe(request.recipe);
    if (model) checkForModel(recipe, { labels, network: model.network });
    else checkRecipe(recipe, labels);
  }
  const nowMs = ports.clock.nowMs();
  const { desired, envelope } = await ports.desired.advance(
    record,
    nowMs,
    (counter, before) => {
      // Who asks for the same release again asks for nothing else.
      const isAgain = model !== undefined && before?.desired.release?.digest === model.digest;
      const brought = isAgain ? before?.desired.recipe : model?.recipe;
      const recipe = request.recipe ?? brought ?? keptRecipe(before, model);
      const next: Desired = {
        v: 1,
        site: record.site,
        line: record.line,
        station,
        counter,
        at: new Date(nowMs).toISOString(),
        release: model ? { name: model.name, version: model.version, digest: model.digest } : null,
        recipe,
        ...(request.retry === true ? { retry: true } : {}),
        ...(isAgain ? shadowBeside(before?.desired, recipe) : {}),
      };
      const ownRecipe = request.recipe ?? before?.ownRecipe ?? null;
      return { desired: next, envelope: ports.signer.sign(next), ownRecipe };
    },
    by,
  );
  await publishDesired(ports, { station: record, desired, envelope });
  return desired;
}

/** Publishes all desired states: the embedded broker keeps retained messages in memory only. */
export async function publishAllDesired(
  ports: Pick<DesiredPorts, 'desired' | 'link' | 'logger'>,
): Promise<void> {
  for (const stored of await ports.desired.list()) await publishDesired(ports, stored);
}

export async function publishDesired(
  { link, logger }: Pick<DesiredPorts, 'link' | 'logger'>,
  { station, envelope }: StoredDesired,
): Promise<void> {
  try {
    await link.publishDesired(station, envelope);
  } catch (error) {
    logger.warn({ err: error, station: station.station }, 'a desired state waits for the broker');
  }
}

/** The model of a release that devices can have. Errors: `model-unknown`, `files-removed`, `release-waiting`. */
export async function findReleased(
  { models, isWaiting }: Pick<DesiredPorts, 'models' | 'isWaiting'>,
  { name, version }: ReleaseVersion,
): Promise<ModelView> {
  const model = await models.find(name, version);
  if (!model)
    throw new AppError('model-unknown', `there is no model ${name} of version ${version}`, {
      hint: 'See the list: pomona model list.',
    });
  if (model.filesRemovedAt !== undefined) throw filesRemoved(model);
  if (await isWaiting({ name, version }))
    throw releaseError('release-waiting', `no station would accept ${name}@${version} yet`);
  return model;
}

/** Another recipe for the release that grades ends no shadow; a candidate that goes by the same one goes on so. */
function shadowBeside(before: Desired | undefined, recipe: Recipe): Pick<Desired, 'shadow'> {
  if (before?.shadow === undefined) return {};
  return {
    shadow: isSame(before.shadow.recipe, before.recipe) ? { ...before.shadow, recipe } : before.shadow,
  };
}

/** The one that somebody chose, if it fits; else the model's default. Without a model nothing is graded, and what was there stays. */
export function keptRecipe(
  before: Omit<SignedDesiredState, 'envelope'> | undefined,
  model: ModelView | undefined,
): Recipe {
  const labels = model?.labels ?? labelsWithoutModel;
  const own = before?.ownRecipe;
  if (own && fits(own, labels)) return own;
  const last = before?.desired.recipe;
  const defaultOf = (version: number): Recipe =>
    model ? defaultRecipeFor(model, version) : defaultRecipe(labels, version);
  if (last && (model ? isSame(last, defaultOf(last.version)) : fits(last, labels))) return last;
  return defaultOf(Math.max(own?.version ?? 0, last?.version ?? 0) + 1);
}

function isSame(a: Recipe, b: Recipe): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function fits(recipe: Recipe, labels: readonly string[]): boolean {
  try {
    checkRecipe(recipe, labels);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
