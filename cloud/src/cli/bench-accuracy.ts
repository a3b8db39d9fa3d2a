/**
 * Drawn fruit, some of them touching, down two fast lanes, graded and measured by the code of a station: how often it is right, and how far
 * off what it measures, on the usual line and in each scenario. By the recipe of the model's version, or else the one that stations have
 * until they get another.
 */
import { fileURLToPath } from 'node:url';
import { checkRecipe, parseRecipe } from '@pomona/grading';
import { Line, type TruthLine, truthLine } from '@pomona/orchard';
import type { BenchResult, BenchRow } from '@pomona/training';
import { counted } from '@pomona/wire';
import { accuracyRows, type GradedFruit } from './accuracy-rows.ts';
import { type BenchModel, benchVariantOf, withBenchModel } from './bench-model.ts';
import { benchResult } from './bench-plane.ts';
import { framesPerSFor } from './draw-film.ts';
import { usualLine } from './judged-lines.ts';
import { lineModel } from './line-model.ts';
import { readJsonFile } from './model-aliases.ts';
import type { Output } from './output.ts';
import { emptyFrames, showFilm } from './show-film.ts';

export interface BenchAccuracy {
  /** Where its model is; without one a `lineModel` is trained for this. */
  readonly data?: string;
  readonly model?: string;
  /** File of a recipe to grade by, instead of that of the model's version or its default. */
  readonly recipe?: string;
  /** Of each scenario, spread over the lines. */
  readonly fruits: number;
  /** Of lamps and a belt of their own each: how well a model does depends on them. The first is of `seed`, the next of the number after it. */
  readonly lines: number;
  /** Of `judgedLines`. */
  readonly scenarios: readonly string[];
  /** Fruits per second of each of the two lanes. */
  readonly rate: number;
  /** Share of the fruit that touches the one before it. */
  readonly touching: number;
  /** Of a fruit. */
  readonly views: number;
  readonly seed: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** The agent's own code grades; it is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-accuracy-main.js', import.meta.url));

export async function benchAccuracy(request: BenchAccuracy): Promise<BenchResult> {
  const { data, model, output, signal, scenarios } = request;
  const recipe = request.recipe === undefined ? undefined : parseRecipe(await readJsonFile(request.recipe));
  const from = { data, output, signal, anyModel: true, ...(model === undefined ? {} : { model }) };
  return withBenchModel({ ...from, ...lineModel }, async ({ manifest, files }) => {
    if (recipe !== undefined) checkRecipe(recipe, manifest.labels);
    const judged = { manifest: recipe === undefined ? manifest : { ...manifest, recipe }, files };
    const rows: BenchRow[] = [];
    for (const scenario of scenarios) {
      output.say(`${scenario}: ${request.fruits} fruits on ${counted(request.lines, 'line')}`);
      rows.push(...(await judge(request, scenario, judged)));
    }
    return benchResult('accuracy', rows);
  });
}

async function judge(
  request: BenchAccuracy,
  scenario: string,
  { manifest, files }: Pick<BenchModel, 'manifest' | 'files'>,
): Promise<BenchRow[]> {
  // What a board runs, where a model has it.
  const variant = files.has('int8') ? 'int8' : 'fp32';
  const model = benchVariantOf({ manifest, files }, variant);
  const passed: TruthLine[] = [];
  const graded: GradedFruit[] = [];
  const { fruits, lines, seed, rate, touching } = request;
  for (let n = 0; n < lines; n++) {
    const fruitsMax = Math.floor(((n + 1) * fruits) / lines) - Math.floor((n * fruits) / lines);
    const line = new Line({
      ...{ seed: seed + n, fruitsPerS: 2 * rate, touchingShare: touching, fruitsMax },
      // Also on the empty belt, before the line's own first second.
      ...(scenario === usualLine ? {} : { scenario, scenarioFromS: Number.NEGATIVE_INFINITY }),
    });
    // Those of one line belong together.
    const lane = n * line.geometry.lanes;
    await show(request, model, line, {
      fruits: fruitsMax,
      passed: (fruit) => passed.push({ ...fruit, lane: lane + fruit.lane }),
      graded: (fruit) => graded.push({ ...fruit, lane: lane + fruit.lane }),
    });
  }
  return accuracyRows(manifest.labels, passed, graded).map((row) => ({
    ...row,
    name: `${scenario}, ${variant}: ${row.name}`,
  }));
}

interface Shown {
  readonly fruits: number;
  readonly passed: (fruit: TruthLine) => void;
  readonly graded: (fruit: GradedFruit) => void;
}

/** Until all of the line's fruit have passed. */
async function show(
  { views, signal }: BenchAccuracy,
  model: ReturnType<typeof benchVariantOf>,
  line: Line,
  { fruits, passed, graded }: Shown,
): Promise<void> {
  let gone = 0;
  await showFilm(program, model, {
    ...{ line, framesPerS: framesPerSFor(line.beltMmPerS, views), emptyFrames, signal },
    onPassed: (fruit) => {
      gone++;
      passed(truthLine(fruit));
    },
    isOver: () => gone === fruits,
    onSaid: (said) => graded(said as GradedFruit),
  });
}
