/** The project's targets as a quality manager reads them: each with its name in plain words and what it means. */
import type { ProjectTargets, ShadowPlan } from '@pomona/wire';
import { formatBytes, formatPercent } from './format.ts';

/** How a value is shown and typed; `plain` as it stands. */
export type TargetUnit =
  | 'share'
  | 'ms'
  | 'bytes'
  | 'pixels'
  | 'degrees'
  | 'days'
  | 'seconds'
  | 'plain'
  | 'yes-no'
  | 'text';

export interface TargetField {
  /** Where it stands in the targets: `imageLimits.minLuma` of a part. */
  readonly path: string;
  readonly label: string;
  readonly means: string;
  readonly unit: TargetUnit;
}

export interface TargetSection {
  readonly title: string;
  readonly note: string;
  readonly fields: readonly TargetField[];
}

const field = (path: string, label: string, unit: TargetUnit, means: string): TargetField => ({
  ...{ path, label, unit, means },
});

export const problemField = field(
  'problem',
  'The problem',
  'text',
  'What the models are for, in your own words.',
);

/** Of the grades `labels`. */
export function rightSection(labels: readonly string[]): TargetSection {
  return {
    title: 'How right a model must be',
    note: 'a version that misses one of these cannot become champion, unless an admin overrides it with a reason',
    fields: [
      field(
        'minMacroF1',
        'Right over all grades, at least',
        'share',
        'Macro-F1: how well each grade is found without taking in others, with every grade counting the same, however rare it is.',
      ),
      field(
        'minRecall',
        'Found of each grade, at least',
        'share',
        'Recall: of the fruit that truly has a grade, the share that is given it. For every grade without a floor of its own below.',
      ),
      ...labels.map((label) =>
        field(
          `recallFloors.${label}`,
          `Found of ${label}, at least`,
          'share',
          `A floor of its own for ${label}; empty for the one above.`,
        ),
      ),
      field(
        'maxBadAsGood',
        'Bad graded good, at most',
        'share',
        'Of the fruit that is truly bad, the share that would go out as good: what a customer complains of.',
      ),
      field(
        'maxErrorCost',
        'Cost of mistakes, at most',
        'plain',
        'On the mean of all fruit, by the costs below; empty for no such limit.',
      ),
    ],
  };
}

export const boardSection: TargetSection = {
  title: 'On the boards at the line',
  note: 'how fast and how large',
  fields: [
    field(
      'maxLatencyMs',
      'Time for a picture, at most',
      'ms',
      'That a board may take to grade a picture with eight views of fruit.',
    ),
    field(
      'boardSlowdown',
      'A board is slower by',
      'plain',
      'So many times slower than the machine that trains; the time above is judged by it before any board has run the model.',
    ),
    field(
      'maxReleaseBytes',
      'Size of a release, at most',
      'bytes',
      'All that a station fetches for a new version.',
    ),
  ],
};

export const careSection: TargetSection = {
  title: 'Learning again, and what is kept',
  note: 'not part of the verdict on a version',
  fields: [
    field(
      'minRetrainLabels',
      'Labels that make a retraining worth it',
      'plain',
      'When the fruit has changed, a retraining is proposed once so many were labelled since the last.',
    ),
    field(
      'autoApproveRetraining',
      'Retrain without asking',
      'yes-no',
      'A proposed retraining begins by itself, and is rolled out when it passes.',
    ),
    field(
      'keepVersions',
      'Newest versions that are kept',
      'plain',
      'Of each model, when files are pruned; what stations run always stays.',
    ),
    field('keepVersionDays', 'And all that are younger than', 'days', 'Whatever their number.'),
  ],
};

/** Of a new version that a retraining made, set together: all of it or none. */
export const shadowPath = 'retrainShadow';
const shadowFields: readonly TargetField[] = [
  field(
    `${shadowPath}.stations`,
    'Shadow of retrainings: stations',
    'plain',
    '0 for those of the first wave.',
  ),
  field(`${shadowPath}.fruitsMin`, 'Shadow of retrainings: fruits at each', 'plain', 'That both graded.'),
  field(`${shadowPath}.forS`, 'Shadow of retrainings: at least', 'seconds', 'That the phase lasts.'),
  field(
    `${shadowPath}.withinS`,
    'Shadow of retrainings: at most',
    'seconds',
    'That stations are waited for.',
  ),
  field(
    `${shadowPath}.agreementMin`,
    'Shadow of retrainings: same grade, at least',
    'share',
    'Of the fruit.',
  ),
  field(`${shadowPath}.gradeShareApart`, 'Shadow of retrainings: a grade apart, at most', 'share', 'Of all.'),
  field(`${shadowPath}.slowerMax`, 'Shadow of retrainings: times as long, at most', 'plain', 'For a view.'),
  field(
    `${shadowPath}.samplesPerDayMax`,
    'Shadow of retrainings: samples a day',
    'plain',
    'Of each station.',
  ),
];

export const imageSection: TargetSection = {
  title: 'What a photograph must be like',
  note: 'one beyond a limit is put in quarantine by the next import, from where it can be accepted by hand',
  fields: [
    field('imageLimits.minSidePx', 'Shorter side, at least', 'pixels', 'Of the whole photograph.'),
    field(
      'imageLimits.minScore',
      'One fruit stands out, at least',
      'plain',
      'How clear the outline of a single fruit is, from 0 to 1.',
    ),
    field('imageLimits.minFill', 'Fruit in the picture, at least', 'share', 'Of the photograph’s area.'),
    field(
      'imageLimits.minSharpness',
      'Sharpness, at least',
      'plain',
      'Variance of the Laplacian on the fruit: 2 stops hardly any photograph, 6 those that are clearly blurred.',
    ),
    field('imageLimits.minLuma', 'Brightness, at least', 'plain', 'Mean of the fruit, from 0 to 255.'),
    field('imageLimits.maxLuma', 'Brightness, at most', 'plain', 'Mean of the fruit, from 0 to 255.'),
    field(
      'imageLimits.minLumaRange',
      'Contrast, at least',
      'plain',
      'From the darkest twentieth of the fruit to the brightest, from 0 to 255.',
    ),
    field('imageLimits.maxHighlights', 'Burnt out white, at most', 'share', 'Of the fruit.'),
    field('imageLimits.maxShadows', 'Drowned in black, at most', 'share', 'Of the fruit.'),
    field(
      'imageLimits.maxCastDegrees',
      'Colour cast of the light, at most',
      'degrees',
      'How far from white the light is.',
    ),
    field(
      'imageLimits.maxTwinBits',
      'Looks the same: bits apart, at most',
      'plain',
      'Two photographs are compared as near duplicates when their hashes of 64 bits are so near …',
    ),
    field(
      'imageLimits.minTwinCorrelation',
      'Looks the same: alike, at least',
      'share',
      '… and are near duplicates when their skins are so much alike.',
    ),
  ],
};

/** What it costs to grade `truth` as `graded`. */
export function costField(truth: string, graded: string): TargetField {
  const means = 'Empty for the steps between them in the order of the grades.';
  return field(`costs.${truth}.${graded}`, `Cost of ${truth} graded ${graded}`, 'plain', means);
}

export type TargetValue = string | number | boolean | undefined;
/** What a form puts at a path: a value, or the whole of `shadowPath`. */
export type DraftValue = TargetValue | ShadowPlan;

/** Undefined where it is not set. */
export function valueAt(targets: ProjectTargets, path: string): TargetValue {
  let at: unknown = targets;
  for (const key of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[key];
  return at as TargetValue;
}

/** The targets with another value there; undefined unsets it. */
export function withValue(targets: ProjectTargets, path: string, value: DraftValue): ProjectTargets {
  const put = (part: Record<string, unknown>, [key = '', ...rest]: readonly string[]): object => {
    const { [key]: before, ...others } = part;
    if (rest.length > 0) return { ...part, [key]: put((before ?? {}) as Record<string, unknown>, rest) };
    return value === undefined ? others : { ...part, [key]: value };
  };
  return put(targets, path.split('.')) as ProjectTargets;
}

/** What is not set is as in `defaults`. */
export function withDefaults(targets: ProjectTargets, defaults: ProjectTargets): ProjectTargets {
  const imageLimits = { ...defaults.imageLimits, ...targets.imageLimits };
  return { ...defaults, ...targets, imageLimits };
}

const unitWords: Readonly<Partial<Record<TargetUnit, string>>> = {
  ...{ ms: 'ms', pixels: 'pixels', degrees: '°', days: 'days', seconds: 's' },
};

export function targetText(value: TargetValue, unit: TargetUnit): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return `“${value}”`;
  if (unit === 'share') return formatPercent(value);
  if (unit === 'bytes') return formatBytes(value);
  const shown = Number(value.toPrecision(4));
  return unitWords[unit] === undefined ? String(shown) : `${shown} ${unitWords[unit]}`;
}

/** Between two versions of the targets, each change in words. */
export function changeWords(
  before: ProjectTargets,
  after: ProjectTargets,
  fields: readonly TargetField[],
): string[] {
  return fields.flatMap(({ path, label, unit }) => {
    const [from, to] = [valueAt(before, path), valueAt(after, path)];
    return from === to ? [] : [`${label}: ${targetText(from, unit)} → ${targetText(to, unit)}`];
  });
}

/** What the draft sets otherwise than somebody else did meanwhile, with both values. */
export function bothChanged(
  from: ProjectTargets,
  theirs: ProjectTargets,
  draft: Readonly<Record<string, DraftValue>>,
  fields: readonly TargetField[],
): string[] {
  const mine = withDraft(from, draft);
  return fields.flatMap(({ path, label, unit }) => {
    const [was, their, my] = [from, theirs, mine].map((targets) => valueAt(targets, path));
    if (their === was || my === was || their === my) return [];
    return [`${label} (theirs ${targetText(their, unit)}, yours ${targetText(my, unit)})`];
  });
}

export function withDraft(
  targets: ProjectTargets,
  draft: Readonly<Record<string, DraftValue>>,
): ProjectTargets {
  return Object.entries(draft).reduce((all, [path, value]) => withValue(all, path, value), targets);
}

/** All there are, of these grades. */
export function allFields(labels: readonly string[]): TargetField[] {
  const sections = [rightSection(labels), boardSection, careSection, imageSection];
  const costs = labels.flatMap((truth) =>
    labels.filter((graded) => graded !== truth).map((graded) => costField(truth, graded)),
  );
  return [problemField, ...sections.flatMap(({ fields }) => fields), ...shadowFields, ...costs];
}

/** Every grade that a model, a dataset or a target names. */
export function gradesOf(
  labelled: readonly { readonly labels: readonly string[] }[],
  targets: readonly ProjectTargets[],
): string[] {
  const named = targets.flatMap(({ recallFloors, costs = {} }) => [
    ...Object.keys(recallFloors),
    ...Object.entries(costs).flatMap(([truth, row]) => [truth, ...Object.keys(row)]),
  ]);
  return [...new Set([...labelled.flatMap(({ labels }) => labels), ...named])];
}
