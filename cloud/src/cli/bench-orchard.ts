/** What a network learns from the orchard, how long that takes, and what it is worth on fruit of seeds that it never saw. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitFusion, fuseByRecipe } from '@pomona/grading';
import { type BenchResult, type BenchRow, evaluationOf } from '@pomona/training';
import { artifactNames, type TrainingSummary } from '@pomona/training/protocol';
import { type Evaluation, type RecipeFusion, systemClock } from '@pomona/wire';
import { datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { runEvaluation, runTraining } from '../adapters/training-process.ts';
import { type DrawDataset, drawDataset, groupOf, noDatasets } from './draw-dataset.ts';
import { fruitSaid } from './fruit-said.ts';
import type { Output } from './output.ts';

export interface BenchOrchard {
  readonly network: string;
  /** To learn from. */
  readonly fruits: number;
  /** To judge by, of each of two seeds. */
  readonly unseen: number;
  /** Side of their crops, pixels. */
  readonly size: number;
  readonly seed: number;
  readonly epochs: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

interface Learned {
  readonly summary: TrainingSummary;
  readonly seconds: number;
  /** What `recipe fit` learns from the validation fruits. */
  readonly fusion: RecipeFusion | undefined;
  /** By seed: fruits as the line grades them by that recipe, those of them that no limit is near, and all with views that count alike. */
  readonly unseen: readonly Readonly<Record<'fruits' | 'clear' | 'alike', Evaluation>>[];
  /** Single views of the first seed, by what each shows. */
  readonly views: Evaluation;
}

/** So far from the seed that is learned from that nobody asks for both. One draw of a thousand fruits may flatter by a point. */
const unseenSeeds = [1_000_003, 1_000_004] as const;

export async function benchOrchard(request: BenchOrchard): Promise<BenchResult> {
  const { fruits, size, seed, output, signal } = request;
  const folder = await mkdtemp(join(tmpdir(), 'pomona-bench-'));
  const draw: Folders['draw'] = async (from, count, more = {}) => {
    const fixed = { dataFolder: folder, name: `seed-${from}`, datasets: noDatasets, output, signal };
    const { name, digest } = await drawDataset({ ...fixed, seed: from, fruits: count, size, ...more });
    return datasetFolderOf(folder, name, digest);
  };
  try {
    const known = await draw(seed, fruits);
    return {
      bench: 'orchard',
      machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
      rows: rowsOf(request, await learn(request, { known, draw, out: join(folder, 'model') })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Folders {
  readonly known: string;
  readonly draw: (
    seed: number,
    count: number,
    more?: Pick<DrawDataset, 'cases' | 'onFruit'>,
  ) => Promise<string>;
  readonly out: string;
}

async function learn(request: BenchOrchard, { known, draw, out }: Folders): Promise<Learned> {
  const { network, size, seed, epochs, output, signal } = request;
  output.say(`training  ${network}`);
  const fromMs = systemClock.monotonicMs();
  const summary = await runTraining({
    ...{ datasetFolder: known, outFolder: out, network, seed, epochs, signal },
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      const { epoch, epochs, validationAccuracy } = event;
      output.say(`  epoch ${epoch}/${epochs}  validation ${(validationAccuracy * 100).toFixed(1)} %`);
    },
  });
  const seconds = (systemClock.monotonicMs() - fromMs) / 1_000;
  const { labels } = summary;
  const model = { modelFile: join(out, artifactNames.fp32), labels, inputSize: size };
  const fusion = fitFusion(await fruitSaid(await readDataset(known), model, ['validation']));
  const unseen: Learned['unseen'][number][] = [];
  for (const apart of unseenSeeds) {
    const clear = new Set<string>();
    const folder = await draw(seed + apart, request.unseen, {
      onFruit: (fruit) => {
        if (fruit.clear) clear.add(groupOf(fruit));
      },
    });
    const all = await fruitSaid(await readDataset(folder), model, ['train', 'validation', 'test']);
    unseen.push({
      fruits: judged(all, fusion, labels),
      alike: judged(all, undefined, labels),
      clear: judged(
        all.filter(({ group }) => clear.has(group)),
        fusion,
        labels,
      ),
    });
  }
  const views = await runEvaluation({
    datasetFolder: await draw(seed + unseenSeeds[0], request.unseen, { cases: 'views' }),
    ...{ network, labels, split: 'all', signal },
    before: { scale: 1 / summary.temperature, shift: [] },
    from: join(out, artifactNames.weights),
  });
  return { summary, seconds, fusion, unseen, views };
}

function judged(
  said: Awaited<ReturnType<typeof fruitSaid>>,
  by: RecipeFusion | undefined,
  labels: readonly string[],
): Evaluation {
  const cases = said.map(({ views, label, group, areas }) => ({
    ...{ logits: fuseByRecipe(by, views, areas).map(Math.log), label, group, images: views.length },
  }));
  return evaluationOf(cases, labels, 'fruit');
}

function rowsOf({ network, size, seed }: BenchOrchard, learned: Learned): BenchRow[] {
  const { summary, seconds, fusion, unseen, views } = learned;
  const what = `${network} at ${size}×${size}`;
  const row = (name: string, unit: string, value: number, goal?: number): BenchRow => {
    const named = { name: `${what}: ${name}`, value, unit };
    if (goal === undefined) return { ...named, peer: null, peerValue: null, ratio: null };
    return { ...named, peer: 'goal', peerValue: goal, ratio: value / goal };
  };
  const how = fusion === undefined ? 'views alike' : 'by the fitted recipe';
  return [
    ...unseen.flatMap(({ fruits, alike, clear }, at) => [
      row(
        `macro-F1 on ${fruits.groups} unseen fruits of seed ${seed + unseenSeeds[at]!}, ${how}`,
        'share',
        fruits.macroF1,
        0.97,
      ),
      row('calibration error (ECE) there', 'share', fruits.ece, 0.03),
      row('accuracy there', 'share', fruits.accuracy),
      row('macro-F1 there where all views count alike', 'share', alike.macroF1),
      row(`macro-F1 on the ${clear.groups} of them that no limit is near`, 'share', clear.macroF1),
    ]),
    row(`macro-F1 on ${views.groups} single views, by what each shows`, 'share', views.macroF1),
    row('training to that, at most', 's', seconds, 240),
    row('training', 'images/s', summary.imagesPerSecond),
  ];
}
