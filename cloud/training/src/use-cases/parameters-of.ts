import type { TrainingSummary } from '../domain/training-protocol.ts';
import type { TrainingJob } from './train.ts';

/** Every setting that shapes a training's result, besides images, seed and first weights. */
export function parametersOf({
  network,
  views,
  recipe,
}: Pick<TrainingJob, 'network' | 'views' | 'recipe'>): TrainingSummary['parameters'] {
  return { network: network.name, views, ...flatten(recipe) };
}

/** `{ adam: { beta1: 0.9 } }` → `{ 'adam.beta1': 0.9 }` */
function flatten(settings: object, prefix = ''): Record<string, number | boolean | string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      typeof value === 'object'
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[`${prefix}${key}`, value]],
    ),
  );
}
