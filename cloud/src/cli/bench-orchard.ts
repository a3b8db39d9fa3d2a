/** What a network learns from the orchard, how long that takes, and what it is worth on fruit of seeds that it never saw. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchResult, BenchRow } from '@pomona/training';
import { artifactNames, type TrainingSummary } from '@pomona/training/protocol';
import { type Evaluation, systemClock } from '@pomona/wire';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { runEvaluation, runTraining } from '../adapters/training-process.ts';
import { drawDataset, noDatasets } from './draw-dataset.ts';
import type { Output } from './output.ts';

export interface BenchOrchard {
  readonly network: string;
  /** To learn from; half as many more are judged. */
  readonly fruits: number;
  /** Side of their crops, pixels. */
  readonly size: number;
  readonly seed: number;
  /** Instead of those of the recipe. */
  readonly epochs?: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

interface Learned {
  readonly summary: TrainingSummary;
  readonly seconds: number;
  readonly unseen: Readonly<Record<Judged, Evaluation>>;
}

/** A fruit is what the line sorts; its single views, and the fruits that no limit is near, say what the rest is made of. */
const judged = ['fruits', 'clear fruits', 'views'] as const;
type Judged = (typeof judged)[number];

/** So far from the seed that is learned from that nobody asks for both. */
const unseenSeed = 1_000_003;

export async function benchOrchard(request: BenchOrchard): Promise<BenchResult> {
  const { fruits, size, seed, output, signal } = request;
  const folder = await mkdtemp(join(tmpdir(), 'pomona-bench-'));
  const draw = async (from: number, count: number, cases: Judged = 'fruits'): Promise<string> => {
    const fixed = { dataFolder: folder, name: `seed-${from}`, datasets: noDatasets, output, signal };
    const { name, digest } = await drawDataset({ ...fixed, seed: from, fruits: count, size, cases });
    return datasetFolderOf(folder, name, digest);
  };
  try {
    const known = await draw(seed, fruits);
    const unseen = (cases: Judged) => draw(seed + unseenSeed, Math.ceil(fruits / 2), cases);
    return {
      bench: 'orchard',
      machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
      rows: rowsOf(request, await learn(request, { known, unseen, out: join(folder, 'model') })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Folders {
  readonly known: string;
  readonly unseen: (cases: Judged) => Promise<string>;
  readonly out: string;
}

async function learn(
  { network, seed, epochs, output, signal }: BenchOrchard,
  { known, unseen, out }: Folders,
): Promise<Learned> {
  output.say(`training  ${network}`);
  const fromMs = systemClock.monotonicMs();
  const summary = await runTraining({
    ...{ datasetFolder: known, outFolder: out, network, seed, signal },
    ...(epochs === undefined ? {} : { epochs }),
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      const { epoch, epochs, validationAccuracy } = event;
      output.say(`  epoch ${epoch}/${epochs}  validation ${(validationAccuracy * 100).toFixed(1)} %`);
    },
  });
  const seconds = (systemClock.monotonicMs() - fromMs) / 1_000;
  const evaluated: [Judged, Evaluation][] = [];
  for (const cases of judged) {
    const evaluation = await runEvaluation({
      ...{ datasetFolder: await unseen(cases), network, labels: summary.labels, split: 'all', signal },
      before: { scale: 1 / summary.temperature, shift: [] },
      from: join(out, artifactNames.weights),
    });
    evaluated.push([cases, evaluation]);
  }
  return { summary, seconds, unseen: Object.fromEntries(evaluated) as Record<Judged, Evaluation> };
}

function rowsOf({ network, size }: BenchOrchard, { summary, seconds, unseen }: Learned): BenchRow[] {
  const what = `${network} at ${size}×${size}`;
  const row = (name: string, unit: string, value: number, goal?: number): BenchRow => {
    if (goal === undefined) return { name, value, unit, peer: null, peerValue: null, ratio: null };
    return { name, value, unit, peer: 'goal', peerValue: goal, ratio: value / goal };
  };
  const { fruits, 'clear fruits': clear, views } = unseen;
  return [
    row(`${what}: macro-F1 on ${fruits.groups} unseen fruits`, 'share', fruits.macroF1, 0.97),
    row(`${what}: calibration error (ECE) there`, 'share', fruits.ece, 0.03),
    row(`${what}: accuracy there`, 'share', fruits.accuracy),
    row(`${what}: macro-F1 on the ${clear.groups} of them that no limit is near`, 'share', clear.macroF1),
    row(
      `${what}: macro-F1 on their ${views.groups} single views, by what each shows`,
      'share',
      views.macroF1,
    ),
    row(`${what}: training to that, at most`, 's', seconds, 240),
    row(`${what}: training`, 'images/s', summary.imagesPerSecond),
  ];
}
