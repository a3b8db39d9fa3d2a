/**
 * What a network that learnt from drawn apples alone is worth on photographs of sessions that it never saw: one session of
 * good and one of bad fruit are held out together, and only the two numbers of its calibration come from the others.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchResult, BenchRow } from '@pomona/training';
import { AppError } from '@pomona/wire';
import sharp from 'sharp';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { cropScores } from '../adapters/crop-scores.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { breachOf, defaultImageLimits } from '../domain/image-limits.ts';
import { type Described, plainFeatures, plainScores } from '../domain/plain-features.ts';
import {
  figuresOf,
  firstDayPhotographs,
  judgeFirstDays,
  judgePair,
  type PairFigures,
  sessionPairs,
  splitPair,
} from '../domain/session-pairs.ts';
import { portraitSize } from './draw-portraits.ts';
import { type PortraitNetworks, portraitNetwork } from './portrait-network.ts';

export interface BenchSessions extends PortraitNetworks {
  readonly images: string;
  readonly seeds: number;
  /** Where the contact sheet goes. */
  readonly sheet: string;
}

type Photograph = Described & { readonly path: string; readonly crop: Uint8Array };

export async function benchSessions(request: BenchSessions): Promise<BenchResult> {
  const { seeds, say, sheet } = request;
  const folder = await mkdtemp(join(tmpdir(), 'pomona-sessions-'));
  try {
    const photographs = await readPhotographs(request, folder);
    const pairs = sessionPairs(photographs);
    if (pairs.length === 0) throw tooFewSessions(request.images);
    const bySeed: number[][] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      say(`seed ${seed} of ${seeds}`);
      const modelFile = await portraitNetwork(request, folder, seed);
      bySeed.push(
        await cropScores(
          modelFile,
          photographs.map(({ crop }) => crop),
          portraitSize,
        ),
      );
    }
    say('the baseline');
    const scored = bySeed.map((scores) => photographs.map((each, at) => ({ ...each, score: scores[at]! })));
    const figures = scored.map((cases) => pairs.map((pair) => judgePair(cases, pair)));
    const firstDays = scored.map((cases) => pairs.map((pair) => judgeFirstDays(cases, pair)));
    const baseline = pairs.map((pair) => {
      const { heldOut, known } = splitPair(photographs, pair);
      const scores = plainScores(known, heldOut);
      return figuresOf(
        pair,
        heldOut.map((each, at) => ({ ...each, score: scores[at]! })),
      );
    });
    await writeFile(sheet, await worstOf(photographs, bySeed));
    say(`worst photographs: ${sheet}`);
    return {
      bench: 'sessions',
      machine: cpus()[0]?.model ?? 'unknown',
      rows: [...rowsOf(figures, baseline), ...firstDayRows(firstDays)],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPhotographs(
  { images, signal, say }: BenchSessions,
  folder: string,
): Promise<Photograph[]> {
  const source = new PhotographFolder(new BlobFolder(folder));
  const { photographs } = await source.list(images);
  const listed = photographs.filter(({ grade }) => grade === 'good' || grade === 'bad');
  const found: Photograph[] = [];
  let at = 0;
  for await (const inspection of source.inspect(
    images,
    listed.map(({ path }) => path),
    portraitSize,
    signal,
  )) {
    const { path, grade, group } = listed[at++]!;
    if (!inspection.ok || breachOf(inspection.figures, defaultImageLimits) !== undefined) continue;
    const { crop } = inspection;
    found.push({ path, crop, group, isBad: grade === 'bad', features: plainFeatures(crop, portraitSize) });
  }
  say(`${found.length} of ${listed.length} photographs of good and bad fruit, the fruit cut out`);
  return found;
}

/** Means of all seeds, pair by pair, then over all pairs and of the worst one. */
function rowsOf(figures: readonly (readonly PairFigures[])[], baseline: readonly PairFigures[]): BenchRow[] {
  const means = baseline.map((plain, at) => {
    const own = figures.map((each) => each[at]!);
    return { ...plain, balancedAccuracy: meanOf(own, 'balancedAccuracy'), auc: meanOf(own, 'auc') };
  });
  const row = (name: string, unit: string, value: number, peerValue: number): BenchRow => {
    const peer = 'thumbnail and histogram';
    return { name, value, unit, peer, peerValue, ratio: value / peerValue };
  };
  const kinds = [
    ['balancedAccuracy', 'balanced accuracy'],
    ['auc', 'AUC'],
  ] as const;
  return kinds.flatMap(([kind, unit]) => [
    ...means.map((each, at) =>
      row(`good ${each.good}, bad ${each.bad}`, unit, each[kind], baseline[at]![kind]),
    ),
    row('mean of all pairs', unit, meanOf(means, kind), meanOf(baseline, kind)),
    row('worst pair', unit, leastOf(means, kind), leastOf(baseline, kind)),
  ]);
}

/** What a packhouse gets that photographed one lot of each grade before it began. */
function firstDayRows(bySeed: readonly (readonly (readonly PairFigures[])[])[]): BenchRow[] {
  const byPair = bySeed[0]!.map((_, at) => bySeed.flatMap((pairs) => pairs[at]!));
  const means = byPair.map((days) => meanOf(days, 'balancedAccuracy'));
  const name = (what: string): string => `calibrated on ${firstDayPhotographs} photographs, ${what}`;
  const row = (what: string, value: number): BenchRow => ({
    ...{ name: name(what), value, unit: 'balanced accuracy', peer: null, peerValue: null, ratio: null },
  });
  return [
    row('mean of all pairs', means.reduce((sum, each) => sum + each, 0) / means.length),
    row('worst pair', Math.min(...means)),
    row('worst choice of sessions', leastOf(byPair.flat(), 'balancedAccuracy')),
  ];
}

function meanOf(figures: readonly PairFigures[], kind: 'balancedAccuracy' | 'auc'): number {
  return figures.reduce((sum, each) => sum + each[kind], 0) / figures.length;
}

function leastOf(figures: readonly PairFigures[], kind: 'balancedAccuracy' | 'auc'): number {
  return Math.min(...figures.map((each) => each[kind]));
}

const sheetColumns = 12;
const sheetRows = 2;

/** The good fruit that scored highest, then the bad fruit that scored lowest, by the mean of all seeds; PNG. */
function worstOf(
  photographs: readonly Photograph[],
  bySeed: readonly (readonly number[])[],
): Promise<Buffer> {
  const scored = photographs.map((each, at) => ({
    ...each,
    score: bySeed.reduce((sum, scores) => sum + scores[at]!, 0),
  }));
  const count = sheetColumns * sheetRows;
  const good = scored.filter(({ isBad }) => !isBad).sort((a, b) => b.score - a.score);
  const bad = scored.filter(({ isBad }) => isBad).sort((a, b) => a.score - b.score);
  const layers = [good, bad].flatMap((kind, block) =>
    kind.slice(0, count).map(({ crop }, at) => ({
      input: Buffer.from(crop),
      raw: { width: portraitSize, height: portraitSize, channels: 3 as const },
      left: (at % sheetColumns) * portraitSize,
      top: (block * sheetRows + Math.floor(at / sheetColumns)) * portraitSize,
    })),
  );
  const [width, height] = [sheetColumns * portraitSize, 2 * sheetRows * portraitSize];
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(layers)
    .png()
    .toBuffer();
}

function tooFewSessions(images: string): AppError {
  return new AppError('bench-failed', `${images} has no session of good and one of bad fruit`, {
    hint: 'Give a folder with an index.csv of path, grade and session.',
  });
}
