/** A recipe in words: each limit as somebody at the line would say it, in the units of their work. */
import type { Recipe, RecipeAreas, RecipeCondition, RecipeFigure, RecipeRule } from '@pomona/wire';

interface FigureWords {
  readonly name: string;
  readonly value: (limit: number) => string;
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
const plain = (value: number) => String(value);
const figures: Readonly<Record<RecipeFigure, FigureWords>> = {
  diameterMm: { name: 'diameter', value: (mm) => `${mm} mm` },
  roundness: { name: 'roundness (shorter over longer axis)', value: percent },
  views: { name: 'number of pictures', value: plain },
  turns: { name: 'turn between first and last picture', value: plain },
  colourShare: { name: 'share of the skin', value: percent },
  defectShare: { name: 'share of the skin with defects', value: percent },
  rotShare: { name: 'share of the skin with rot', value: percent },
  defectAreaMm2: { name: 'area of defects', value: (mm2) => `${mm2} mm²` },
  probability: { name: 'probability', value: percent },
};
const bounds = [
  ['below', 'is below'],
  ['atMost', 'is at most'],
  ['above', 'is above'],
  ['atLeast', 'is at least'],
] as const;

/** One line of a recipe, and where its limit comes from. */
export interface RecipeLine {
  readonly text: string;
  readonly source?: string | undefined;
}

export function conditionWords(condition: RecipeCondition): string {
  const { all, any, not, figure } = condition;
  if (all) return all.map(inner).join(' and ');
  if (any) return any.map(inner).join(' or ');
  if (not) return `not (${conditionWords(not)})`;
  if (figure === undefined) return 'nothing is asked';
  const { name, value } = figures[figure];
  const of =
    figure === 'colourShare'
      ? ` that is ${condition.colour ?? 'of no colour'}`
      : figure === 'probability'
        ? ` of ${condition.of ?? 'no label'}`
        : '';
  const limits = bounds.flatMap(([bound, words]) => {
    const limit = condition[bound];
    return limit === undefined ? [] : [`${words} ${value(limit)}`];
  });
  return `the ${name}${of} ${limits.join(' and ')}`;
}

function inner(condition: RecipeCondition): string {
  return condition.all || condition.any ? `(${conditionWords(condition)})` : conditionWords(condition);
}

export function ruleWords({ when, noBetterThan, grade, source }: RecipeRule): RecipeLine {
  const given = noBetterThan === undefined ? `${grade}` : `no better than ${noBetterThan}`;
  return { text: `Where ${conditionWords(when)}: ${given}`, source };
}

export function ceilingWords({
  grade,
  of,
  maxProbability,
  elseGrade,
  views,
  source,
}: Recipe['ceilings'][number]): RecipeLine {
  const where =
    views === undefined
      ? `the probability of ${of} is above ${percent(maxProbability)}`
      : `${views} ${views === 1 ? 'picture has' : 'pictures have'} a probability of ${of} above ${percent(maxProbability)}`;
  return { text: `Not ${grade} but ${elseGrade} where ${where}`, source };
}

/** How the pictures become a first grade. */
export function firstGradeWords({
  fusion,
  costs,
  gradeOf,
  viewsMin,
  defaultGrade,
  sources = {},
}: Recipe): RecipeLine[] {
  const method = {
    meanLogProbability: 'The pictures’ probabilities are averaged',
    worstView: `The worst picture counts that ${fusion?.confirmedBy ?? 1} are at least as bad as`,
    weights: isWorseHalf(fusion)
      ? 'The worse half of the pictures counts, their probabilities averaged'
      : 'The pictures count by weights',
  }[fusion?.method ?? 'meanLogProbability'];
  const seldom = [sources.viewsMin, sources.defaultGrade].filter((each) => each !== undefined);
  return [
    {
      text: `${defaultGrade} with fewer than ${viewsMin} ${viewsMin === 1 ? 'picture' : 'pictures'}, or when the decision comes too late`,
      source: seldom.length === 0 ? undefined : seldom.join('. '),
    },
    { text: method, source: sources.fusion },
    ...areaWords(fusion?.areas).map((text) => ({ text, source: sources.fusion })),
    {
      text:
        costs === undefined ? 'The likeliest grade is taken' : 'The grade is taken whose mistakes cost least',
      source: sources.costs,
    },
    ...Object.entries(costs ?? {}).map(([truth, prices]) => ({
      text: `What is truly ${truth} costs ${Object.entries(prices)
        .map(([grade, price]) => `${price} as ${grade}`)
        .join(', ')}`,
    })),
    ...Object.entries(gradeOf ?? {}).map(([label, grade]) => ({ text: `${label} is ${grade}` })),
  ];
}

/** As by default where a model learnt from single pictures. */
function isWorseHalf(fusion: Recipe['fusion']): boolean {
  const { method: _, byBadness, ...others } = fusion ?? {};
  return byBadness?.join() === '1,0' && Object.keys(others).length === 0;
}

function areaWords(areas: RecipeAreas | undefined): string[] {
  if (areas === undefined) return [];
  const limits = areas.defect.map(({ at }) => percent(at)).join(' and ');
  const rot = areas.rot === undefined ? '' : `, rot against ${percent(areas.rot.at)}`;
  return [
    `The skin with defects is held against ${limits} as well${rot}: the further from a limit, the surer`,
  ];
}

export function colourWords(recipe: Recipe): RecipeLine[] {
  return Object.entries(recipe.colours ?? {}).map(([name, { fromHue, toHue, source }]) => ({
    text: `${name}: hues from ${fromHue}° to ${toHue}°`,
    source,
  }));
}

/** `name v3`. */
export function recipeName({
  name,
  version,
}: {
  readonly name?: string | null;
  readonly version: number;
}): string {
  return `${name ?? 'recipe'} v${version}`;
}
