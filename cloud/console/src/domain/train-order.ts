/** What the form of a training asks for, as a grower says it, in the words of the API. What is left as it is comes from the catalog's recipe. */
import type { LeaveOutBy, LeaveOutOrder, TrainRequest } from '@pomona/wire';

/** How a choice changes the recipe; nothing where it leaves it alone. */
interface Choice {
  readonly value: string;
  readonly label: string;
  readonly changes?: Readonly<Record<string, number>>;
}

interface Question {
  readonly name: 'light' | 'camera' | 'position' | 'cover';
  readonly label: string;
  readonly choices: readonly Choice[];
}

const recommended: Choice = { value: '', label: 'As recommended' };

/** What the line will see that the pictures do not show: they are changed at random by so much while it learns. */
export const questions: readonly Question[] = [
  {
    ...{ name: 'light', label: 'The light on the line' },
    choices: [
      recommended,
      {
        ...{ value: 'steady', label: 'Always the same lamp' },
        changes: { brightness: 0.05, whiteBalance: 0.02, gamma: 0.05, highlights: 0 },
      },
      {
        ...{ value: 'changing', label: 'Changes a lot, as with daylight' },
        changes: { brightness: 0.4, whiteBalance: 0.2, gamma: 0.35, highlights: 0.4 },
      },
    ],
  },
  {
    ...{ name: 'camera', label: 'The camera’s picture' },
    choices: [
      recommended,
      { ...{ value: 'sharp', label: 'Sharp and clean' }, changes: { blur: 0, noise: 0 } },
      { ...{ value: 'poor', label: 'Sometimes blurred or grainy' }, changes: { blur: 1, noise: 8 } },
    ],
  },
  {
    ...{ name: 'position', label: 'How fruit lies' },
    choices: [
      recommended,
      { ...{ value: 'any', label: 'At any angle' }, changes: { rotation: Math.PI / 4 } },
    ],
  },
  {
    ...{ name: 'cover', label: 'Around the fruit' },
    choices: [
      recommended,
      { ...{ value: 'clear', label: 'Nothing, ever' }, changes: { occlusion: 0, edge: 0, background: 0 } },
      {
        ...{ value: 'cluttered', label: 'Leaves, fingers, a busy background' },
        changes: { occlusion: 0.3, edge: 0.05, background: 0.2 },
      },
    ],
  },
];

export interface TrainFields {
  readonly dataset: string;
  readonly name: string;
  /** From here `undefined` and '' are as recommended. */
  readonly epochs?: number | undefined;
  readonly minutes?: number | undefined;
  /** `NAME@VERSION`. */
  readonly from: string;
  readonly network: string;
  readonly engine: string;
  readonly answers: Readonly<Partial<Record<Question['name'], string>>>;
  readonly evenGroups: boolean;
  /** JSON. */
  readonly recipe: string;
  readonly leaveOut: '' | LeaveOutBy;
}

export const untouched: Omit<TrainFields, 'dataset' | 'name'> = {
  ...{ from: '', network: '', engine: '', recipe: '', leaveOut: '', evenGroups: false, answers: {} },
};

/** Throws a `SyntaxError` or a `TypeError` for settings that are no JSON object. */
export function trainOrder(fields: TrainFields): TrainRequest {
  const { dataset, name, epochs, minutes, from, network, engine } = fields;
  const recipe = recipeOf(fields);
  return {
    ...{ dataset, name },
    ...(epochs === undefined ? {} : { epochs }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(from === '' ? {} : { from }),
    // Who goes on from a model has its network.
    ...(network === '' || from !== '' ? {} : { network }),
    ...(engine === '' ? {} : { engine: engine as NonNullable<TrainRequest['engine']> }),
    ...(Object.keys(recipe).length === 0 ? {} : { recipe }),
  };
}

/** The check on what it never saw, which is a job of its own; undefined where none is asked for. */
export function leaveOutOrder({
  dataset,
  epochs,
  from,
  network,
  leaveOut,
}: TrainFields): LeaveOutOrder | undefined {
  if (leaveOut === '') return undefined;
  return {
    ...{ by: leaveOut, dataset },
    ...(from === '' ? {} : { model: from }),
    ...(network === '' || from !== '' ? {} : { network }),
    ...(epochs === undefined ? {} : { epochs }),
  };
}

/** Settings that were written out win over the answers. */
function recipeOf({ answers, evenGroups, recipe }: TrainFields): Record<string, unknown> {
  const written: unknown = recipe.trim() === '' ? {} : JSON.parse(recipe);
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new TypeError('settings are an object, as {"labelSmoothing": 0.1}');
  const { augmentation: own, ...others } = written as Record<string, unknown>;
  const augmentation = {
    ...Object.assign(
      {},
      ...questions.map(
        ({ name, choices }) => choices.find(({ value }) => value === (answers[name] ?? ''))?.changes,
      ),
    ),
    ...(own as object | undefined),
  };
  return {
    ...(evenGroups ? { groupBalance: 1 } : {}),
    ...(Object.keys(augmentation).length === 0 ? {} : { augmentation }),
    ...others,
  };
}
