import { type AliasRequest, AppError, type Clock, type ModelAlias, type ModelView } from '@pomona/wire';
import { failedGates } from '../domain/gates.ts';
import { filesRemoved } from './files-removed.ts';

export interface AliasPorts {
  readonly models: {
    find(name: string, version?: number): Promise<ModelView | undefined>;
    aliases(name: string): Promise<ModelAlias[]>;
    setAlias(change: {
      readonly name: string;
      readonly alias: string;
      readonly version: number;
      readonly actor: string;
      readonly reason: string;
      readonly detail: string;
      readonly atMs: number;
    }): Promise<void>;
  };
  readonly clock: Clock;
}

export interface Actor {
  readonly name: string;
  readonly isAdmin: boolean;
}

/** What a rollout takes by default; a failed gate keeps a version from it. */
const championAlias = 'champion';

/**
 * Points an alias at a version, and logs who and why. Errors: `model-unknown`, `files-removed`, `gate-failed` (names the gates; an admin
 * can override, which is logged), `forbidden`.
 */
export async function changeAlias(
  { models, clock }: AliasPorts,
  { name, alias }: { readonly name: string; readonly alias: string },
  { version, reason, override }: AliasRequest,
  actor: Actor,
): Promise<readonly ModelAlias[]> {
  const model = await models.find(name, version);
  if (!model) {
    throw new AppError('model-unknown', `there is no model ${name} of version ${version}`, {
      hint: 'See the list: pomona model list.',
    });
  }
  if (model.filesRemovedAt !== undefined) throw filesRemoved(model);
  const failed = failedGates(model.gates ?? []).map((gate) => gate.name);
  const isStopped = alias === championAlias && (failed.length > 0 || model.gates === undefined);
  const cause =
    model.gates === undefined ? 'it was never held against gates' : `failed: ${failed.join(', ')}`;
  if (isStopped && !(override === true && actor.isAdmin)) {
    throw new AppError('gate-failed', `${name}@${version} does not become ${alias}; ${cause}`, {
      hint: 'Train a better one, change the targets (pomona project set), or let an admin override with a reason.',
    });
  }
  const before = (await models.aliases(name)).find((each) => each.alias === alias);
  const was = before ? `was ${before.version}` : 'was not set';
  await models.setAlias({
    ...{ name, alias, version, reason, actor: actor.name },
    detail: isStopped ? `${was}; gates overridden, ${cause}` : was,
    atMs: clock.nowMs(),
  });
  return models.aliases(name);
}
