import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { agentNodeFlags } from '@pomona/firmware-config';
import { defaultLineGeometry } from '@pomona/grading';
import { type BenchResult, type BenchRow, tensorFlowWasmRate } from '@pomona/training';
import type { BenchModel } from './bench-model.ts';
import { drawFilm, geometryOf } from './draw-film.ts';
import { type PeerCrops, transformersRate } from './transformers-peer.ts';

/** The agent measures itself: its code is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-grade-main.js', import.meta.url));
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

type Measured = BenchResult & { readonly viewsPerS: number; readonly batchViews: readonly number[] };

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
      const request = {
        ...{ title, labels, inputSize: input.size, variant, modelFile },
        ...{ framesFile: fileIn('usual'), cropsFile: fileIn('crops') },
        busy: { framesFile: fileIn('busy'), geometry: busyFilm.geometry, emptyFrames },
      };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--expose-gc', ...agentNodeFlags, program, JSON.stringify(request)],
        { signal },
      );
      const { viewsPerS, batchViews, ...result } = JSON.parse(stdout) as Measured;
      const crops: PeerCrops = { labels, inputSize: input.size, cropsFile: fileIn('crops'), batchViews };
      const ours = `${title}: views from frame to decision`;
      const rows = [...result.rows];
      const rate = await transformersRate({ ...crops, modelFile, folder: transformersFolder }, signal);
      rows.push(peerRow(ours, viewsPerS, goals.transformers, rate));
      if (variant === 'fp32') {
        const bytes = await readFile(fileIn('crops'));
        const wasm = await tensorFlowWasmRate(network, labels.length, input.size, bytes, batchViews);
        rows.push(peerRow(ours, viewsPerS, goals.wasm, wasm));
      }
      results.push({ ...result, rows });
    }
    return { ...results[0]!, rows: results.flatMap(({ rows }) => rows) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `viewsPerS` undefined: `name` says why there is none. */
export interface PeerRate {
  readonly name: string;
  readonly viewsPerS: number | undefined;
}

function peerRow(what: string, value: number, goal: number, { name, viewsPerS }: PeerRate): BenchRow {
  return {
    ...{ name: `${what} (goal ${goal})`, value, unit: 'views/s', peer: name },
    peerValue: viewsPerS ?? null,
    ratio: viewsPerS === undefined ? null : value / viewsPerS,
  };
}
