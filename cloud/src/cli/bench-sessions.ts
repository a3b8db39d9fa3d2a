/**
 * What a network that learnt from drawn apples alone is worth on photographs of sessions that it never saw: one session of
 * good and one of bad fruit are held out together, and only the two numbers of its calibration come from the others.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@pomona/release';
import type { BenchResult } from '@pomona/training';
import { AppError } from '@pomona/wire';
import { cropScores } from '../adapters/crop-scores.ts';
import { csvOf } from '../adapters/csv.ts';
import { defaultImageLimits } from '../domain/image-limits.ts';
import { findTwins } from '../domain/near-duplicates.ts';
import { plainScores } from '../domain/plain-features.ts';
import {
  figuresOf,
  firstDays,
  judgeFirstDays,
  judgePair,
  type PairFigures,
  type SessionPair,
  sessionPairs,
  splitPair,
} from '../domain/session-pairs.ts';
import { championNetwork } from './champion-network.ts';
import { demoChampion } from './demo/demo-champion.ts';
import { lineCropSize } from './draw-dataset.ts';
import { portraitSize } from './draw-portraits.ts';
import { type PortraitNetworks, portraitNetwork } from './portrait-network.ts';
import { cropsAtSize, readSessions, type SessionPhotograph } from './session-photographs.ts';
import { firstDayRows, leakRows, pairRows, seedRows, summaryLine } from './session-rows.ts';
import { drawSheet, worstOf } from './session-sheet.ts';

export interface BenchSessions extends PortraitNetworks {
  readonly images: string;
  readonly seeds: number;
  /** Keeps every network here, what it is made from until it is there, and the figures so far. */
  readonly models?: string;
  /** Where the contact sheet goes. */
  readonly sheet: string;
}

type Photographs = readonly SessionPhotograph[];

/** With the photographs on which it was most wrong, by the mean of all seeds. */
export interface SessionsResult extends BenchResult {
  readonly worst: Readonly<Record<'good' | 'bad', readonly { path: string; score: number }[]>>;
}

export async function benchSessions(request: BenchSessions): Promise<SessionsResult> {
  const { models, seeds, say, sheet } = request;
  const folder = await mkdtemp(join(tmpdir(), 'pomona-sessions-'));
  try {
    const kept = models ?? folder;
    await makeFolder(kept);
    const photographs = await readSessions(request, folder);
    const pairs = sessionPairs(photographs);
    if (pairs.length === 0) throw tooFewSessions(request.images);
    const plain = plainOf(photographs, pairs);
    say(`the baseline: ${summaryLine(plain.baseline)}`);
    const champion = await championScores(request, { kept, folder }, photographs);
    const bySeed: number[][] = [];
    const figures: PairFigures[][] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      say(`seed ${seed} of ${seeds}`);
      const crops = photographs.map(({ crop }) => crop);
      const scores = await cropScores(await portraitNetwork(request, kept, seed), crops, portraitSize);
      bySeed.push(scores);
      figures.push(pairs.map((pair) => judgePair(scored(photographs, scores), pair)));
      await writePairs(join(kept, 'pairs.csv'), figures);
      say(`seed ${seed}: ${summaryLine(figures.at(-1)!)}`);
    }
    const means = photographs.map((_, at) => bySeed.reduce((sum, each) => sum + each[at]! / seeds, 0));
    const worst = worstOf(scored(photographs, means));
    await writeFile(sheet, await drawSheet(worst));
    say(`worst photographs: ${sheet}`);
    const daysOf = (of: readonly number[][]): PairFigures[][] =>
      pairs.map((pair) => of.flatMap((each) => judgeFirstDays(scored(photographs, each), pair)));
    return {
      bench: 'sessions',
      machine: cpus()[0]?.model.trim() ?? 'unknown',
      rows: [
        ...pairRows(figures, plain.baseline),
        ...seedRows(figures),
        ...firstDayRows('the same', daysOf(bySeed), plain.firstDays),
        ...firstDayRows(`the demo's champion (${demoChampion.network})`, daysOf([champion]), plain.firstDays),
        ...leakRows(plain.outline, await twinsAcross(photographs)),
      ],
      worst: { good: worst.good.map(named), bad: worst.bad.map(named) },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What plain features learn from the other sessions, from those of a first day, and what silhouettes give away. */
function plainOf(photographs: Photographs, pairs: readonly SessionPair[]) {
  const judge = (known: Photographs, pair: SessionPair): PairFigures => {
    const { heldOut } = splitPair(photographs, pair);
    return figuresOf(pair, scored(heldOut, plainScores(known, heldOut)));
  };
  const outlines = photographs.map((each) => ({ ...each, features: each.outline }));
  return {
    baseline: pairs.map((pair) => judge(splitPair(photographs, pair).known, pair)),
    firstDays: pairs.map((pair) => firstDays(photographs, pair).map((chosen) => judge(chosen, pair))),
    outline: pairs.map((pair) => {
      const { heldOut, known } = splitPair(outlines, pair);
      return figuresOf(pair, scored(heldOut, plainScores(known, heldOut)));
    }),
  };
}

async function championScores(
  request: BenchSessions,
  { kept, folder }: { readonly kept: string; readonly folder: string },
  photographs: Photographs,
): Promise<number[]> {
  request.say("the demo's champion");
  const file = await championNetwork(request, kept);
  return cropScores(file, await cropsAtSize(request, folder, photographs, lineCropSize), lineCropSize);
}

async function twinsAcross(photographs: Photographs): Promise<number> {
  const looks = photographs.map(({ look, isBad }) => ({ ...look, grade: String(isBad) }));
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const { links } = await findTwins(looks, defaultImageLimits, { breathe });
  return links.filter(([a, b]) => photographs[a]!.group !== photographs[b]!.group).length;
}

/** Every pair of every seed so far. */
async function writePairs(file: string, bySeed: readonly (readonly PairFigures[])[]): Promise<void> {
  const rows = bySeed.flatMap((pairs, at) => pairs.map((each) => ({ seed: at + 1, ...each })));
  const names = ['seed', 'good', 'bad', 'images', 'balancedAccuracy', 'auc'];
  await writeFile(`${file}.part`, csvOf(names, rows));
  await rename(`${file}.part`, file);
}

function scored<T>(cases: readonly T[], scores: readonly number[]): (T & { readonly score: number })[] {
  return cases.map((each, at) => ({ ...each, score: scores[at]! }));
}

function named({ path, score }: { readonly path: string; readonly score: number }) {
  return { path, score };
}

function tooFewSessions(images: string): AppError {
  return new AppError('bench-failed', `${images} has no session of good and one of bad fruit`, {
    hint: 'Give a folder with an index.csv of path, grade and session.',
  });
}
