/**
 * Photographed fruit that rolls down a line, each once from every side it can start with, graded by the code of a station: what a network
 * that never saw them makes of a whole fruit of which many a view looks sound.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { everyStart, Line, type PhotographedFruit, readPhotographedFruit, truthLine } from '@pomona/orchard';
import type { BenchResult, BenchRow } from '@pomona/training';
import { seededRandom, shuffled } from '@pomona/wire';
import { type BenchModel, benchVariantOf, filesOf, modelOf } from './bench-model.ts';
import { benchResult } from './bench-plane.ts';
import { framesPerSFor } from './draw-film.ts';
import type { Output } from './output.ts';
import { type PortraitModel, portraitModel } from './portrait-model.ts';
import { emptyFrames, showFilm } from './show-film.ts';
import { type RolledFruit, type TurntableFruit, turntableRows } from './turntable-rows.ts';

/** Where the model comes from: a data folder, or else one that is trained for this and thrown away. */
export type TurntableModel =
  | { readonly data: string; readonly model?: string }
  | Omit<PortraitModel, 'dataFolder' | 'output' | 'signal'>;

export interface BenchTurntable {
  readonly images: string;
  /** Of a fruit. */
  readonly views: number;
  /** Fixes the belt, its light, the order and the sizes of the fruit. */
  readonly seed: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** The agent's own code grades; it is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-turntable-main.js', import.meta.url));

export async function benchTurntable(request: BenchTurntable, from: TurntableModel): Promise<BenchResult> {
  const { output, signal } = request;
  if ('data' in from) return judge(request, await modelOf(from.data, from.model, true));
  const folder = await mkdtemp(join(tmpdir(), 'pomona-turntable-'));
  try {
    const model = await portraitModel({ ...from, dataFolder: folder, output, signal });
    return await judge(request, await filesOf(folder, model));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function judge(request: BenchTurntable, model: BenchModel): Promise<BenchResult> {
  const { images, output } = request;
  const { say } = output;
  const fruits = await readPhotographedFruit(images, (path, reason) => say(`left out ${path}: ${reason}`));
  const rows: BenchRow[] = [];
  for (const variant of model.files.keys()) {
    say(`${variant} grades`);
    const { labels } = model.manifest;
    const { passed, rolled } = await roll(request, fruits, benchVariantOf(model, variant));
    rows.push(
      ...turntableRows(labels, passed, rolled).map((row) => ({ ...row, name: `${variant}: ${row.name}` })),
    );
  }
  return benchResult('turntable', rows);
}

/** What went down the line, and what the station made of it. */
async function roll(
  { seed, views, signal }: BenchTurntable,
  fruits: readonly PhotographedFruit[],
  model: object,
): Promise<{ passed: TurntableFruit[]; rolled: RolledFruit[] }> {
  const passes = shuffled(everyStart(fruits), seededRandom(seed, 'turntable'));
  const line = new Line({ seed, passes });
  const framesPerS = framesPerSFor(line.beltMmPerS, views);
  const passed: TurntableFruit[] = [];
  const rolled: RolledFruit[] = [];
  await showFilm(program, model, {
    ...{ line, framesPerS, emptyFrames, signal },
    onPassed: (fruit) => passed.push(truthLine(fruit)),
    isOver: () => passed.length === passes.length,
    onSaid: (said) => rolled.push(said as RolledFruit),
  });
  return { passed, rolled };
}
