/**
 * A model card (Mitchell et al., "Model Cards for Model Reporting", 2019) written from what the registry knows and from
 * nothing else: what it is for, what it was made from, what it can do, where that was not shown, and where it runs.
 */
import {
  counted,
  type DatasetView,
  describeStandardise,
  type ModelAlias,
  type ModelLogEntry,
  type ModelView,
  type ProjectView,
} from '@pomona/wire';
import type { CardBlock } from './card-document.ts';
import { figures, percent } from './card-figures.ts';

/** One of the worst cases of the evaluation. Pictures are PNG, base64. */
export interface PicturedCase {
  readonly cropPng: string;
  /** The same with what spoke for the grade that it got, and what against. */
  readonly explainedPng?: string;
  readonly truth: string;
  readonly graded: string;
  /** Of the truth. */
  readonly probability: number;
  readonly group: string;
  /** Its path in the dataset. */
  readonly source?: string;
}

export interface CardFacts {
  readonly model: ModelView;
  /** Undefined where the dataset's list is not in this registry, as with an imported release. */
  readonly dataset: DatasetView | undefined;
  readonly project: ProjectView;
  readonly aliases: readonly ModelAlias[];
  readonly log: readonly ModelLogEntry[];
  /** Versions whose weights this one's came from, nearest first. */
  readonly ancestors: readonly string[];
  readonly worst: readonly PicturedCase[];
  /** `site/line/station` of what runs it now. */
  readonly stations: readonly string[];
}

const logShown = 20;
/** By the rule of three a class without an error in 30 cases may still be wrong in a tenth of all. */
const supportMin = 30;

export function modelCard(facts: CardFacts): CardBlock[] {
  return [
    ...identity(facts),
    ...madeFrom(facts),
    ...figures(facts.model),
    ...mistakes(facts),
    ...gates(facts.model),
    ...limits(facts),
    ...whereabouts(facts),
  ];
}

function identity({ model, project, aliases }: CardFacts): CardBlock[] {
  const names = aliases.filter(({ version }) => version === model.version).map(({ alias }) => alias);
  const { problem } = project.targets;
  return [
    { kind: 'title', text: `${model.name}@${model.version}` },
    ...(problem === '' ? [] : [{ kind: 'text', text: problem } as const]),
    {
      kind: 'facts',
      facts: [
        ['grades', model.labels.join(', ')],
        ['called', names.join(', ') || 'no alias'],
        ['made', model.createdAt],
        ['release', `${model.releaseBytes} bytes, SHA-256 of its manifest ${model.digest}`],
      ],
    },
  ];
}

function madeFrom({ model, dataset, ancestors }: CardFacts): CardBlock[] {
  const parameters = Object.entries(model.parameters).map(([name, value]) => `${name} ${value}`);
  const { calibration } = model;
  return [
    { kind: 'heading', text: 'Made from' },
    {
      kind: 'facts',
      facts: [
        ['dataset', `${model.dataset.name}, digest ${model.dataset.digest}`],
        ['colours', describeStandardise(model.standardise)],
        ...(dataset
          ? ([
              ['source', dataset.source],
              [
                'images',
                `${dataset.images} of ${counted(dataset.groups, 'group')}, ${counts(dataset.byGrade)}`,
              ],
              ['split', dataset.bySplit.map(({ split, images }) => `${split} ${images}`).join(', ')],
              ['left out', counts(dataset.leftOut) || 'nothing'],
              ['quarantined', counted(dataset.quarantined.length, 'image')],
            ] as const)
          : ([['images', 'their list is not in this registry']] as const)),
        ...(calibration
          ? ([
              [
                'calibrated on',
                `${counted(calibration.images, 'image')} of ${counted(calibration.groups, 'group')} of ${calibration.dataset.name}, digest ${calibration.dataset.digest}`,
              ],
            ] as const)
          : []),
        ['network', model.network],
        ['went on from', ancestors.join(', then ') || 'nothing: it began with random weights'],
        ['settings', parameters.join(', ') || 'none'],
        ['seed', String(model.seed)],
        ['code', model.codeRevision],
      ],
    },
  ];
}

function mistakes({ worst, model }: CardFacts): CardBlock[] {
  if (worst.length === 0) return [];
  const first = model.evaluation.unit === 'fruit' ? ', its first picture' : '';
  return [
    { kind: 'heading', text: 'Worst mistakes' },
    {
      kind: 'text',
      text: `The most surely wrong first${first}: what the model was shown, and over it what spoke for the grade that it gave (orange) and against it (blue).`,
    },
    {
      kind: 'pictures',
      pictures: worst.map(({ cropPng, explainedPng, truth, graded, probability, group, source = group }) => ({
        pngs: explainedPng === undefined ? [cropPng] : [cropPng, explainedPng],
        caption: `${truth}, graded ${graded}; ${percent(probability)} for ${truth}; ${source}${source === group ? '' : ` of ${group}`}`,
      })),
    },
  ];
}

function gates({ gates: judged }: ModelView): CardBlock[] {
  return [
    { kind: 'heading', text: 'Gates' },
    judged === undefined
      ? { kind: 'text', text: 'This version was never held against gates.' }
      : {
          kind: 'table',
          head: ['gate', 'figure', 'limit', 'verdict', 'detail'],
          rows: judged.map(({ name, figure, comparison, limit, verdict, detail }) => [
            name,
            figure === null ? '-' : figureText(figure),
            limit === null ? '-' : `${comparison} ${limit}`,
            verdict,
            detail,
          ]),
        },
  ];
}

/** Only what follows from the figures. */
function limits({ model, dataset }: CardFacts): CardBlock[] {
  const { evaluation, gates: judged = [], calibration } = model;
  const known: string[] = [];
  for (const { name, verdict, detail } of judged) {
    if (verdict === 'failed') known.push(`It fails the gate ${name}${detail && `: ${detail}`}.`);
    if (verdict === 'insufficient-data') known.push(`Not shown for want of data: ${name}.`);
  }
  for (const { label, support } of evaluation.perClass) {
    if (support < supportMin) known.push(`Measured on only ${counted(support, 'case')} of ${label}.`);
  }
  if (evaluation.byGroup.length === 0 && evaluation.byKnown === undefined)
    known.push('Groups (sessions, varieties, lots) were not told apart.');
  if (evaluation.groups < 2) known.push('All cases are of one group: nothing is known of another.');
  for (const note of dataset?.notes ?? []) known.push(`${dataset?.name}: ${note}.`);
  for (const { grade, count } of dataset?.leftOut ?? []) {
    if (count > 0) known.push(`The dataset leaves out ${counted(count, 'image')} of ${grade}.`);
  }
  if (!calibration) known.push('It was not calibrated on photographs of the line where it runs.');
  known.push('Fruit, light and cameras unlike those of the dataset were not measured.');
  return [
    { kind: 'heading', text: 'Limits' },
    { kind: 'list', items: known },
  ];
}

function whereabouts({ stations, log }: CardFacts): CardBlock[] {
  return [
    { kind: 'heading', text: 'Where it runs' },
    stations.length === 0
      ? { kind: 'text', text: 'No station says that it runs it.' }
      : { kind: 'list', items: stations },
    { kind: 'heading', text: 'Log' },
    {
      kind: 'table',
      head: ['at', 'by', 'change', 'reason', 'detail'],
      rows: log
        .slice(0, logShown)
        .map(({ at, actor, action, reason, detail }) => [at, actor, action, reason, detail]),
    },
  ];
}

/** Whole numbers are exact. */
function figureText(figure: number): string {
  return String(Number.isInteger(figure) ? figure : Number(figure.toPrecision(4)));
}

function counts(grades: readonly { readonly grade: string; readonly count: number }[]): string {
  return grades.map(({ grade, count }) => `${count} ${grade}`).join(', ');
}
