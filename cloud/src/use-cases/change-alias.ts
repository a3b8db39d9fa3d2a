import { type AliasRequest, AppError, type Clock, type ModelAlias, type ModelView } from '@pomona/wire';
import { filesRemoved } from './files-removed.ts';
import { type Actor, championAlias, overrideOf, whatStops } from './pass-gates.ts';

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
  const cause = alias === championAlias ? whatStops(model) : undefined;
  const refusal = `${name}@${version} does not become ${alias}`;
  const overridden = cause && overrideOf(cause, refusal, override, actor);
  const before = (await models.aliases(name)).find((each) => each.alias === alias);
  const was = before ? `was ${before.version}` : 'was not set';
  await models.setAlias({
    ...{ name, alias, version, reason, actor: actor.name },
    detail: overridden === undefined ? was : `${was}; ${overridden}`,
    atMs: clock.nowMs(),
  });
  return models.aliases(name);
}
