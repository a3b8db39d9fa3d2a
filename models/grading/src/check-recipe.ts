import {
  AppError,
  counted,
  hueStep,
  Recipe,
  type RecipeAreas,
  type RecipeCondition,
  type RecipeFigure,
  type RecipeRule,
} from '@pomona/wire';
import { gradesOf } from './decide-grade.ts';
import { comparisonsIn } from './fruit-figures.ts';

/** All that stands in a document of version 1. */
const firstFields: readonly string[] = ['v', 'version', 'defaultGrade', 'viewsMin', 'ceilings', 'gates'];
/** It travels inside a signed message of 64,000 characters of base64. */
const charactersMax = 24_000;
const bounds = ['below', 'atMost', 'above', 'atLeast'] as const;

/** Throws `recipe-invalid`, naming the field, when a recipe of the right shape does not fit a model's labels, or itself. */
export function checkRecipe(recipe: Recipe, labels: readonly string[]): void {
  checkVersion(recipe);
  const { length } = JSON.stringify(recipe);
  if (length > charactersMax)
    throw invalid('document', `it has ${length} characters`, `At most ${charactersMax} reach a station.`);
  const grades = gradesOf(recipe, labels);
  checkGrades(recipe, labels, grades);
  checkCosts(recipe, labels, grades);
  checkFusion(recipe, labels);
  checkCeilings(recipe, labels, grades);
  checkColours(recipe);
  const names = new Set<string>();
  recipe.rules?.forEach((rule, i) => {
    const field = `rules[${i}]`;
    if (names.has(rule.name))
      throw invalid(`${field}.name`, `"${rule.name}" is there twice`, 'Name each rule.');
    names.add(rule.name);
    checkRule(field, rule, recipe, labels, grades);
  });
  checkGates(recipe, grades);
}

const byMap: ReadonlySet<RecipeFigure> = new Set(['defectShare', 'rotShare', 'defectAreaMm2']);

/** Throws `recipe-invalid` where a recipe asks for defects and the network draws no map of them. */
export function checkDefects(recipe: Recipe, seesDefects: boolean): void {
  if (seesDefects) return;
  const at = (recipe.rules ?? []).findIndex(({ when }) =>
    comparisonsIn(when).some(({ figure }) => figure !== undefined && byMap.has(figure)),
  );
  const field = at >= 0 ? `rules[${at}].when` : recipe.fusion?.areas && 'fusion.areas';
  if (field === undefined) return;
  throw invalid(
    field,
    'it asks for defects, and the model draws no map of them',
    'Take a model that learnt from maps of defects, or leave it out.',
  );
}

/** What is allowed and hardly meant. */
export function adviceOn(recipe: Recipe, labels: readonly string[]): string[] {
  const place = (grade: string) => gradesOf(recipe, labels).indexOf(grade);
  const rules = recipe.rules ?? [];
  return rules.flatMap((rule, i) => {
    const given = rule.noBetterThan ?? rule.grade!;
    const lower = rules
      .slice(i + 1)
      .find((later) => place(later.noBetterThan ?? later.grade!) > place(given));
    return lower === undefined
      ? []
      : [
          `rules[${i}] (${rule.name}) stands before ${lower.name}, which gives a lower grade: only the first that applies counts`,
        ];
  });
}

function checkVersion(recipe: Recipe): void {
  const known = Object.keys(Recipe.properties);
  for (const field of Object.keys(recipe)) {
    if (recipe.v === 1 && known.includes(field) && !firstFields.includes(field))
      throw invalid(field, 'a recipe with "v": 1 has no such field', 'Set "v": 2.');
    if (recipe.v === 2 && !known.includes(field))
      throw invalid(field, 'there is no such field', `Use one of: ${known.join(', ')}.`);
  }
}

function checkGrades(recipe: Recipe, labels: readonly string[], grades: readonly string[]): void {
  grades.forEach((grade, i) => {
    if (grades.indexOf(grade) !== i)
      throw invalid(`grades[${i}]`, `"${grade}" is there twice`, 'Remove one of them.');
  });
  needGrade('defaultGrade', recipe.defaultGrade, grades);
  for (const [label, grade] of Object.entries(recipe.gradeOf ?? {})) {
    needLabel(`gradeOf.${label}`, label, labels);
    needGrade(`gradeOf.${label}`, grade, grades);
  }
  if (recipe.costs !== undefined) return;
  for (const label of labels) {
    if (!grades.includes(recipe.gradeOf?.[label] ?? label))
      throw invalid(
        'gradeOf',
        `nothing says which grade "${label}" is`,
        `Add "${label}" to gradeOf, or costs.`,
      );
  }
}

function checkCosts({ costs, gradeOf }: Recipe, labels: readonly string[], grades: readonly string[]): void {
  if (costs === undefined) return;
  if (gradeOf !== undefined)
    throw invalid('gradeOf', 'costs decide already', 'Keep either costs or gradeOf.');
  for (const label of Object.keys(costs)) needLabel(`costs.${label}`, label, labels);
  for (const label of labels) {
    const row = costs[label];
    if (row === undefined)
      throw invalid(`costs.${label}`, 'it is missing', 'Say what each grade costs for each label.');
    for (const grade of Object.keys(row)) needGrade(`costs.${label}.${grade}`, grade, grades);
    for (const grade of Object.keys(costs[labels[0]!] ?? {})) {
      if (row[grade] === undefined)
        throw invalid(
          `costs.${label}.${grade}`,
          'it is missing',
          'Say what each grade costs for each label.',
        );
    }
  }
  if (Object.keys(costs[labels[0]!] ?? {}).length === 0)
    throw invalid('costs', 'they name no grade', 'Name at least one.');
}

function checkFusion({ fusion }: Recipe, labels: readonly string[]): void {
  if (fusion === undefined) return;
  const { method, confirmedBy } = fusion;
  if (confirmedBy !== undefined && method !== 'worstView')
    throw invalid('fusion.confirmedBy', `${method} knows no such number`, 'Use it with "worstView".');
  const weighing = (['byPosition', 'byBadness', 'certainty', 'scale', 'shift', 'areas'] as const).find(
    (each) => fusion[each] !== undefined,
  );
  if (method !== 'weights' && weighing !== undefined)
    throw invalid(`fusion.${weighing}`, `${method} knows no weights`, 'Use it with "weights".');
  for (const each of ['byPosition', 'byBadness'] as const)
    if (fusion[each]?.every((weight) => weight === 0))
      throw invalid(`fusion.${each}`, 'no view would count', 'Give one of them more than 0.');
  if (fusion.shift !== undefined && fusion.shift.length !== labels.length)
    throw invalid(
      'fusion.shift',
      `it has ${counted(fusion.shift.length, 'number')} for ${counted(labels.length, 'label')}`,
      'Give one for each label.',
    );
  checkAreas(fusion.areas, labels);
}

function checkAreas(areas: RecipeAreas | undefined, labels: readonly string[]): void {
  if (areas === undefined) return;
  const { defect } = areas;
  if (defect.length !== labels.length - 1)
    throw invalid(
      'fusion.areas.defect',
      `it has ${counted(defect.length, 'limit')} for ${counted(labels.length, 'label')}`,
      'Give one between each label and the next worse.',
    );
  const falling = defect.findIndex(({ at }, i) => i > 0 && at <= defect[i - 1]!.at);
  if (falling >= 0)
    throw invalid(
      `fusion.areas.defect[${falling}].at`,
      `${defect[falling]!.at} is not above the limit before it`,
      'A worse label begins at a larger share.',
    );
}

function checkCeilings(recipe: Recipe, labels: readonly string[], grades: readonly string[]): void {
  recipe.ceilings.forEach((ceiling, i) => {
    needGrade(`ceilings[${i}].grade`, ceiling.grade, grades);
    needLabel(`ceilings[${i}].of`, ceiling.of, labels);
    needGrade(`ceilings[${i}].elseGrade`, ceiling.elseGrade, grades);
  });
  const circle = recipe.ceilings.findIndex((ceiling) => leadsTo(recipe, ceiling.elseGrade, ceiling.grade));
  if (circle < 0) return;
  throw invalid(
    `ceilings[${circle}].elseGrade`,
    `"${recipe.ceilings[circle]!.elseGrade}" leads back to "${recipe.ceilings[circle]!.grade}"`,
    'Ceilings may only lower a grade; remove the one that closes the circle.',
  );
}

function checkColours({ colours = {} }: Recipe): void {
  for (const [name, { fromHue, toHue }] of Object.entries(colours)) {
    if (fromHue >= toHue)
      throw invalid(`colours.${name}.toHue`, `${toHue} is not above fromHue`, 'Give a range of hues.');
    for (const [field, hue] of Object.entries({ fromHue, toHue })) {
      if (hue % hueStep !== 0)
        throw invalid(
          `colours.${name}.${field}`,
          `${hue} lies between two bins`,
          `Use steps of ${hueStep}°.`,
        );
    }
  }
}

function checkRule(
  field: string,
  rule: RecipeRule,
  recipe: Recipe,
  labels: readonly string[],
  grades: readonly string[],
): void {
  if ((rule.noBetterThan === undefined) === (rule.grade === undefined))
    throw invalid(field, 'it gives no grade, or two', 'Give either noBetterThan or grade.');
  if (rule.noBetterThan !== undefined) needGrade(`${field}.noBetterThan`, rule.noBetterThan, grades);
  if (rule.grade !== undefined) needGrade(`${field}.grade`, rule.grade, grades);
  checkCondition(`${field}.when`, rule.when, recipe, labels);
}

function checkCondition(
  field: string,
  condition: RecipeCondition,
  recipe: Recipe,
  labels: readonly string[],
): void {
  const kinds = (['figure', 'all', 'any', 'not'] as const).filter((kind) => condition[kind] !== undefined);
  if (kinds.length !== 1)
    throw invalid(
      field,
      kinds.length === 0 ? 'it says nothing' : `it has ${kinds.join(' and ')}`,
      'Give exactly one of figure, all, any and not.',
    );
  const { figure, of, colour, all, any, not } = condition;
  const given = bounds.filter((bound) => condition[bound] !== undefined);
  if (figure === undefined) {
    const stray = [
      ...given,
      ...(of === undefined ? [] : ['of']),
      ...(colour === undefined ? [] : ['colour']),
    ];
    if (stray.length > 0)
      throw invalid(`${field}.${stray[0]}`, `it belongs to a figure`, `Move it into ${kinds[0]}.`);
  } else if (given.length === 0) {
    throw invalid(field, `${figure} is compared with nothing`, `Give one of ${bounds.join(', ')}.`);
  }
  checkNamed(`${field}.of`, of, figure === 'probability', labels);
  checkNamed(`${field}.colour`, colour, figure === 'colourShare', Object.keys(recipe.colours ?? {}));
  for (const [kind, inner] of [
    ['all', all],
    ['any', any],
  ] as const)
    inner?.forEach((each, i) => {
      checkCondition(`${field}.${kind}[${i}]`, each, recipe, labels);
    });
  if (not !== undefined) checkCondition(`${field}.not`, not, recipe, labels);
}

function checkNamed(
  field: string,
  name: string | undefined,
  isWanted: boolean,
  known: readonly string[],
): void {
  const choice = known.length === 0 ? 'There is none yet.' : `Use one of: ${known.join(', ')}.`;
  if (name === undefined && isWanted) throw invalid(field, 'it is missing', choice);
  if (name !== undefined && !isWanted) throw invalid(field, 'this figure has no such part', 'Remove it.');
  if (name !== undefined && !known.includes(name)) throw invalid(field, `there is no "${name}"`, choice);
}

function checkGates(recipe: Recipe, grades: readonly string[]): void {
  const gated = new Set<string>();
  recipe.gates.forEach(({ grade }, i) => {
    needGrade(`gates[${i}].grade`, grade, grades);
    if (gated.has(grade)) throw invalid(`gates[${i}].grade`, `"${grade}" has two gates`, 'Keep one of them.');
    gated.add(grade);
  });
  for (const grade of grades) {
    if (!gated.has(grade)) throw invalid('gates', `no gate for "${grade}"`, 'Name a gate for every grade.');
  }
}

function leadsTo(recipe: Recipe, from: string, to: string): boolean {
  const reached = new Set([from]);
  // A set may grow while it is walked; it holds at most every grade once.
  for (const grade of reached) {
    for (const ceiling of recipe.ceilings) if (ceiling.grade === grade) reached.add(ceiling.elseGrade);
  }
  return reached.has(to);
}

function needGrade(field: string, grade: string, grades: readonly string[]): void {
  if (grades.includes(grade)) return;
  throw invalid(field, `"${grade}" is no grade here`, `Use one of: ${grades.join(', ')}.`);
}

function needLabel(field: string, label: string, labels: readonly string[]): void {
  if (labels.includes(label)) return;
  throw invalid(field, `"${label}" is no label of the model`, `Use one of: ${labels.join(', ')}.`);
}

export function invalid(field: string, problem: string, hint: string): AppError {
  return new AppError('recipe-invalid', `recipe ${field}: ${problem}`, { hint });
}
