import { setImmediate as turn } from 'node:timers/promises';
import { checkRecipe, gradesOf, parseRecipe } from '@pomona/grading';
import {
  AppError,
  type Clock,
  type ModelView,
  type RecipeDryRun,
  type RecipeDryRunRequest,
} from '@pomona/wire';
import type { GradedFruit } from '../domain/feature-rows.ts';
import { RecipeTrial } from '../domain/recipe-trial.ts';
import type { ArrivedRange } from './read-features.ts';

export interface DryRunPorts {
  readonly models: { resolve(reference: string): Promise<ModelView> };
  readonly stations: { find(station: string): Promise<object | undefined> };
  readonly arrived: { fruits(range: ArrivedRange): Promise<readonly GradedFruit[]> };
  readonly clock: Pick<Clock, 'nowMs'>;
}

const fruitsMaxDefault = 100_000;
const sinceDefaultMs = 24 * 3_600_000;
const pageFruits = 1_000;

/**
 * What stored fruits of a model would have got by a recipe. Reads a page at a time, so that what else the database is asked for
 * has its turn between them. Errors: `recipe-invalid`, `model-unknown`, `station-unknown`, `bad-request`.
 */
export async function dryRunRecipe(
  { models, stations, arrived, clock }: DryRunPorts,
  request: RecipeDryRunRequest,
): Promise<RecipeDryRun> {
  const recipe = parseRecipe(request.recipe);
  const model = await models.resolve(request.model);
  checkRecipe(recipe, model.labels);
  const { station, fruitsMax = fruitsMaxDefault } = request;
  if (station !== undefined && !(await stations.find(station)))
    throw new AppError('station-unknown', `there is no station ${station}`, {
      hint: 'See the list: pomona station list.',
    });
  const nowMs = clock.nowMs();
  const toMs = request.until === undefined ? nowMs + 1 : Date.parse(request.until);
  const fromMs = request.since === undefined ? toMs - sinceDefaultMs : Date.parse(request.since);
  if (!(fromMs < toMs))
    throw new AppError('bad-request', `nothing lies from ${request.since} to ${request.until ?? 'now'}`, {
      hint: 'Give an earlier time with since, or a later one with until.',
    });
  const version = request.model.includes('@') ? model.version : undefined;
  const trial = new RecipeTrial(recipe);
  let after = 0;
  let left = fruitsMax;
  let lastAt: string | undefined;
  let isMore = true;
  const read = (limit: number) =>
    arrived.fruits({ station, model: { name: model.name, version }, fromMs, toMs, after, limit });
  while (isMore && left > 0) {
    const limit = Math.min(left, pageFruits);
    const page = await read(limit);
    for (const fruit of page) trial.add(fruit);
    after = page.at(-1)?.id ?? after;
    lastAt = page.at(-1)?.receivedAt;
    left -= page.length;
    isMore = page.length === limit;
    // SQLite answers at once: without a pause nothing else would be done until the last page.
    await turn();
  }
  if (isMore) isMore = (await read(1)).length > 0;
  return {
    recipe: { name: recipe.name ?? null, version: recipe.version },
    grades: [...gradesOf(recipe, model.labels)],
    model: version === undefined ? model.name : `${model.name}@${version}`,
    labels: [...model.labels],
    since: new Date(fromMs).toISOString(),
    until: isMore && lastAt !== undefined ? lastAt : new Date(Math.min(toMs, nowMs + 1)).toISOString(),
    isCut: isMore,
    ...trial.counts(),
  };
}
