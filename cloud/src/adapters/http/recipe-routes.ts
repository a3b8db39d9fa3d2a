import {
  AppError,
  GiveRecipeRequest,
  ModelView,
  Problem,
  RecipeDryRun,
  RecipeDryRunRequest,
} from '@pomona/wire';
import { type DryRunPorts, dryRunRecipe } from '../../use-cases/dry-run-recipe.ts';
import { type GiveRecipePorts, giveRecipe } from '../../use-cases/give-recipe.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };

export function addRecipeRoutes(app: App, ports: DryRunPorts & GiveRecipePorts): void {
  addDryRunRoute(app, ports);
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
