import { AppError, type DriftKind } from '@pomona/wire';
import { type FruitKinds, usualFruit } from './fruit.ts';
import type { LineLight } from './line-light.ts';
import { lateHarvest } from './plan-defects.ts';
import { newVarieties } from './variety.ts';

export const scenarioNames = [
  'dim-light',
  'dirty-lens',
  'new-variety',
  'warm-light',
  'late-harvest',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** Whose doing it is: what an alert must say of it, or it sends people to the wrong place. */
export const scenarioKinds: Readonly<Record<ScenarioName, DriftKind>> = {
  'dim-light': 'camera',
  'dirty-lens': 'camera',
  'warm-light': 'camera',
  // Other fruit than the model has learned from.
  'new-variety': 'model',
  // More rot, of fruit that the model knows.
  'late-harvest': 'population',
};

/** How a line differs from its usual state. */
export interface Scenario {
  readonly fruit: FruitKinds;
  readonly light: (usual: LineLight) => LineLight;
  readonly dirtyLens: boolean;
}

export const usualScenario: Scenario = { fruit: usualFruit, light: (usual) => usual, dirtyLens: false };

/** The scenario of this name, the usual state for none. Throws `AppError` `usage` for a name that is not in `scenarioNames`. */
export function scenarioOf(name: string | undefined): Scenario {
  switch (name) {
    case undefined:
      return usualScenario;
    case 'dim-light':
      return {
        ...usualScenario,
        light: (usual) => ({ ...scaleGain(usual, [0.48, 0.48, 0.48]), noise: usual.noise * 1.5 + 1 }),
      };
    case 'warm-light':
      return { ...usualScenario, light: (usual) => scaleGain(usual, [1.14, 0.97, 0.68]) };
    case 'dirty-lens':
      return { ...usualScenario, dirtyLens: true };
    case 'new-variety':
      return { ...usualScenario, fruit: { ...usualFruit, varieties: newVarieties } };
    case 'late-harvest':
      return { ...usualScenario, fruit: { ...usualFruit, harvest: lateHarvest, ripening: 0.5 } };
    default:
      throw new AppError('usage', `there is no scenario "${name}"`, {
        hint: `use one of ${scenarioNames.join(', ')}`,
      });
  }
}

function scaleGain(light: LineLight, by: readonly [number, number, number]): LineLight {
  const [red, green, blue] = light.gain;
  return { ...light, gain: [red * by[0], green * by[1], blue * by[2]] };
}
