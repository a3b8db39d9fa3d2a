import { networkNamed } from '@pomona/catalog';
import { checkDefects, checkRecipe, parseRecipe } from '@pomona/grading';
import { encodeManifest, parseManifest, releaseBytes, type TrustRepository } from '@pomona/release';
import { AppError, type Clock, type ModelLogEntry, type ModelView, type Recipe } from '@pomona/wire';
import { filesRemoved } from './files-removed.ts';
import { findModel } from './find-model.ts';
import { type JudgeVersionPorts, judgeVersion } from './judge-version.ts';

export interface GiveRecipePorts extends Pick<JudgeVersionPorts, 'project'> {
  readonly models: JudgeVersionPorts['models'] & {
    nextVersion(name: string): Promise<number>;
    save(model: ModelView, entry: Omit<ModelLogEntry, 'name'>): Promise<void>;
  };
  /** Opened anew each time: other processes publish to the same repository. */
  openTrust(): Promise<Pick<TrustRepository, 'publishManifest' | 'newestVersion'>>;
  readonly blobs: {
    put(bytes: Uint8Array): Promise<string>;
    /** Error: `model-unreadable`. */
    read(digest: string): Promise<Uint8Array>;
  };
  readonly clock: Clock;
}

/**
 * Signs a new version of a model with another recipe: the same files, so that a station that has the one fetches little
 * more than a manifest for the other. It is promoted and rolled out like any. Errors: `model-unknown`,
 * `files-removed`, `recipe-invalid`.
 */
export async function giveRecipe(
  ports: GiveRecipePorts,
  from: { readonly name: string; readonly version: number },
  document: unknown,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<ModelView> {
  const { models, blobs, clock } = ports;
  const before = await findModel(ports, from);
  if (before.filesRemovedAt !== undefined) throw filesRemoved(before);
  const recipe = parseRecipe(document);
  checkForModel(recipe, before);
  const trust = await ports.openTrust();
  const { name } = before;
  const newest = Math.max(await models.nextVersion(name), (await trust.newestVersion(name)) + 1);
  const createdAt = new Date(clock.nowMs()).toISOString();
  const parent = { name, version: before.version };
  const old = parseManifest(await blobs.read(before.digest));
  const manifest = { ...old, version: newest, createdAt, parent, recipe };
  const bytes = encodeManifest(manifest);
  const digest = await blobs.put(bytes);
  await trust.publishManifest({ name, version: newest }, bytes);
  const total = releaseBytes(manifest) + bytes.byteLength;
  const changed = { version: newest, digest, createdAt, parent, recipe, releaseBytes: total };
  const model = await judgeVersion(ports, { ...before, ...changed });
  await models.save(model, {
    ...{ at: createdAt, actor, reason, action: `recipe for ${newest}` },
    detail: `${recipe.name ?? 'recipe'}, version ${recipe.version}, on the network of ${before.version}`,
  });
  return model;
}

/** Throws `recipe-invalid` where a recipe does not fit what a model says and draws. Of a network that is not in the catalog stations judge the latter. */
export function checkForModel(recipe: Recipe, model: Pick<ModelView, 'labels' | 'network' | 'recipe'>): void {
  checkRecipe(recipe, model.labels);
  const network = networkNamed(model.network);
  if (network)
    checkDefects(
      recipe,
      network.layers.some(({ kind }) => kind === 'defect-map'),
    );
  const before = model.recipe;
  if (before && before.version >= recipe.version && JSON.stringify(before) !== JSON.stringify(recipe)) {
    throw new AppError(
      'recipe-invalid',
      `recipe version: ${recipe.version} is not above ${before.version}, which the model has`,
      { hint: 'Count it up: it comes back with every graded fruit.' },
    );
  }
}
