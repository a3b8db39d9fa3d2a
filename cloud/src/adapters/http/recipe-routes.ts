import { Type } from '@pomona/schema';
import {
  AppError,
  type Desired,
  GiveRecipeRequest,
  ModelView,
  Problem,
  Recipe,
  RecipeDryRun,
  RecipeDryRunRequest,
  Slug,
} from '@pomona/wire';
import { type DryRunPorts, dryRunRecipe } from '../../use-cases/dry-run-recipe.ts';
import { type GiveRecipePorts, giveRecipe } from '../../use-cases/give-recipe.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };

export interface RecipeRoutePorts extends DryRunPorts, Omit<GiveRecipePorts, keyof DryRunPorts> {
  readonly models: DryRunPorts['models'] & GiveRecipePorts['models'];
  readonly clock: GiveRecipePorts['clock'];
  readonly stations: { find(station: string): Promise<{ readonly id: number } | undefined> };
  readonly desired: { find(stationId: number): Promise<{ readonly desired: Desired } | undefined> };
  readExamples(): Promise<Recipe[]>;
}

export function addRecipeRoutes(app: App, ports: RecipeRoutePorts): void {
  addDryRunRoute(app, ports);
  addReadingRoutes(app, ports);
  app.post(
    '/v1/recipes',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'A new version of a model, with its network and another recipe',
        body: GiveRecipeRequest,
        response: { 200: ModelView, ...failures },
      },
    },
    async (request) => {
      const { model, recipe, reason } = request.body;
      const { name, version } = await ports.models.resolve(model);
      return giveRecipe(ports, { name, version }, recipe, { actor: actorOf(request), reason });
    },
  );
}

function addReadingRoutes(app: App, { stations, desired, readExamples }: RecipeRoutePorts): void {
  app.get(
    '/v1/recipes/examples',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Recipes to begin with, each of their limits with its source',
        response: { 200: Type.Array(Recipe), ...failures },
      },
    },
    () => readExamples(),
  );
  app.get(
    '/v1/stations/:station/recipe',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'By which recipe a station is to grade',
        params: Type.Object({ station: Slug }),
        response: { 200: Recipe, ...failures },
      },
    },
    async ({ params: { station } }) => {
      const record = await stations.find(station);
      const told = record && (await desired.find(record.id));
      if (told) return told.desired.recipe;
      throw record
        ? new AppError('not-found', `${station} was not told what to run yet`, {
            hint: 'Give it a release: pomona station set, or a rollout.',
          })
        : new AppError('station-unknown', `there is no station ${station}`, {
            hint: 'See the list: pomona station list.',
          });
    },
  );
}

function addDryRunRoute(app: App, ports: DryRunPorts): void {
  let isBusy = false;
  app.post(
    '/v1/recipes/dry-run',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'What stored fruits would have got by a recipe; changes nothing',
        body: RecipeDryRunRequest,
        response: { 200: RecipeDryRun, ...failures },
      },
    },
    async ({ body }) => {
      // Each reads up to half a million fruits: together they would slow down what stations send.
      if (isBusy)
        throw new AppError('dry-run-busy', 'another dry run is under way', {
          hint: 'Wait until it has ended, some seconds, and ask again.',
        });
      isBusy = true;
      try {
        return await dryRunRecipe(ports, body);
      } finally {
        isBusy = false;
      }
    },
  );
}
