import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { agentNodeFlags } from '@pomona/firmware-config';
import { defaultLineGeometry } from '@pomona/grading';
import { type BenchResult, type BenchRow, startTensorFlowWasm } from '@pomona/training';
import { type BenchModel, benchVariantOf } from './bench-model.ts';
import { drawFilm, geometryOf } from './draw-film.ts';
import { howToInstall, type PeerPictures, startTransformers, transformersName } from './transformers-peer.ts';
import { inTurns, startTurnTaker, type TurnTaker } from './turn-taker.ts';

/** The agent measures itself: its code is not ours to import. */
const agentProgram = (name: string) =>
  fileURLToPath(new URL(`../../../edge-agent/dist/${name}.js`, import.meta.url));
const usualFilm = {
  ...{ geometry: defaultLineGeometry, fruitsPerS: 9, framesPerS: 12 },
  length: { frames: 150 },
};
const busyLanes = 4;
const busyFilm = {
  ...{ geometry: geometryOf(defaultLineGeometry, busyLanes), fruitsPerS: 12 * busyLanes, framesPerS: 24 },
  length: { fruits: 200 },
};
const goals = { transformers: 4, wasm: 3 };
const rounds = 5;
/** Until everybody's code is what it stays. */
const warmUpRounds = 10;

type Measured = BenchResult & {
  readonly batchViews: readonly number[];
  readonly boxSides: readonly (readonly number[])[];
};

/** The agent's grading of a drawn film, beside the bare model on the same crops and beside what others make of them. */
export async function benchGrade(
  { manifest, files }: BenchModel,
  signal: AbortSignal,
  transformersFolder?: string,
): Promise<BenchResult> {
  const { labels, input, network } = manifest;
  const folder = await mkdtemp(join(tmpdir(), 'pomona-film-'));
  const fileIn = (name: string) => join(folder, name);
  try {
    await drawFilm(fileIn('usual'), usualFilm, signal);
    const { emptyFrames } = await drawFilm(fileIn('busy'), busyFilm, signal);
    const results: BenchResult[] = [];
    for (const [variant, modelFile] of files) {
      const title = `${network} at ${input.size}×${input.size}, ${variant}`;
      const source = { ...benchVariantOf({ manifest, files }, variant), framesFile: fileIn('usual') };
      const cropsFile = fileIn('crops');
      const boxesFile = fileIn('boxes');
      const request = {
        ...{ ...source, title, cropsFile, boxesFile },
        busy: { framesFile: fileIn('busy'), geometry: busyFilm.geometry, emptyFrames },
      };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--expose-gc', ...agentNodeFlags, agentProgram('bench-grade-main'), JSON.stringify(request)],
        { signal },
      );
      const { batchViews, boxSides, ...result } = JSON.parse(stdout) as Measured;
      const ours = [...agentNodeFlags, agentProgram('bench-grade-rate-main'), JSON.stringify(source)];
      const cropSides = batchViews.map((count) => new Array<number>(count).fill(input.size));
      const transformers = (from: string, pictures: PeerPictures): Peer => ({
        name: `${transformersName}, ${from}`,
        goal: goals.transformers,
        missing: howToInstall(transformersFolder),
        taker: startTransformers(
          transformersFolder,
          { modelFile, labels, inputSize: input.size, pictures },
          signal,
        ),
      });
      const peers = [
        transformers('from crops of that size', { file: cropsFile, sides: cropSides }),
        transformers('from squares of the frame', { file: boxesFile, sides: boxSides }),
      ];
      if (variant === 'fp32') {
        const crops = await readFile(cropsFile);
        peers.push({
          name: 'TensorFlow.js WASM',
          goal: goals.wasm,
          missing: 'TensorFlow.js WASM: not installed',
          taker: await startTensorFlowWasm(network, labels.length, input.size, crops, batchViews),
        });
      }
      const rates = await ratesOf(
        `${title}: views from frame to decision`,
        startTurnTaker(ours, signal),
        peers,
      );
      results.push({ ...result, rows: [...result.rows, ...rates] });
    }
    return { ...results[0]!, rows: results.flatMap(({ rows }) => rows) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Peer {
  readonly name: string;
  readonly goal: number;
  /** What is said where it is not there. */
  readonly missing: string;
  readonly taker: TurnTaker | undefined;
}

/** Ours beside each peer, all on one thread, in turns. */
async function ratesOf(what: string, ours: TurnTaker, peers: readonly Peer[]): Promise<BenchRow[]> {
  const there = peers.filter(({ taker }) => taker !== undefined);
  const takers = [ours, ...there.map(({ taker }) => taker!)];
  const [value = 0, ...peerValues] = await inTurns(takers, rounds, warmUpRounds);
  for (const taker of takers) await taker.stop();
  return peers.map((peer) => {
    const { name, goal, missing } = peer;
    const peerValue = peerValues[there.indexOf(peer)] ?? null;
    return {
      ...{ name: `${what} (goal ${goal})`, value, unit: 'views/s', peerValue },
      peer: peerValue === null ? missing : `${name}, one thread`,
      ratio: peerValue === null ? null : value / peerValue,
    };
  });
}
