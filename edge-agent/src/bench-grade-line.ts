/** A line for the benches: the agent's own, on a film, with what is measured in its ports. */
import { readFile } from 'node:fs/promises';
import {
  defaultRecipe,
  type Frame,
  FrameDecoder,
  type FruitBlob,
  LineBackground,
  type LineGeometry,
  locateFruit,
} from '@pomona/grading';
import type { Clock, FruitRecord, Recipe } from '@pomona/wire';
import type { ModelSource } from './adapters/onnx-model.ts';
import type { ExplainedFruit } from './domain/explained-fruit.ts';
import type { GradedFruit, RunnableRelease } from './domain/line-messages.ts';
import type { ViewModel } from './domain/view-model.ts';
import { GradeLine } from './use-cases/grade-line.ts';

/** While the empty belt is learned nothing is located. */
export const learnFrames = 20;

export interface BenchVariant extends ModelSource, Pick<RunnableRelease, 'standardise'> {
  readonly variant: string;
  /** Of its release; as a station that was given none otherwise. */
  readonly recipe?: Recipe;
}

export interface BenchLine {
  readonly geometry: LineGeometry;
  /** Without one the line lives by the film's own time, so that no decision comes too late. */
  readonly clock?: Clock;
  /** The blobs are good until the next frame. */
  readonly onLocated?: (frame: Frame, blobs: readonly FruitBlob[]) => void;
  readonly onRecord?: (record: FruitRecord) => void;
  readonly onDecided?: (fruit: ExplainedFruit) => void;
}

export function openLine(
  variant: BenchVariant,
  model: ViewModel,
  { geometry, clock, onLocated = () => {}, onRecord = () => {}, onDecided }: BenchLine,
): GradeLine {
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  let filmMs = 0;
  let seq = 0;
  const line = new GradeLine(
    { boot: '0'.repeat(16), geometry, gateLeadMs: 0 },
    {
      clock: clock ?? { nowMs: () => filmMs, monotonicMs: () => filmMs },
      outbox: {
        nextSeq: () => seq++,
        append: ({ value }) => {
          onRecord((value as GradedFruit).fruit);
          return true;
        },
      },
      gate: { shoot: () => {}, observe: () => {} },
      locate: (frame) => {
        filmMs = frame.capturedAtMs;
        const blobs = locateFruit(frame, background, geometry);
        onLocated(frame, blobs);
        return blobs;
      },
      onTrouble: (code, message) => process.stderr.write(`${code}: ${message}\n`),
      ...(onDecided === undefined ? {} : { onDecided }),
    },
  );
  const ref = { name: 'bench', version: 1, digest: '0'.repeat(64) };
  line.use({ ...variant, ref }, model, variant.recipe ?? defaultRecipe(variant.labels));
  return line;
}

/** `model`, but run by `run`; `onCrops` is told when somebody is about to write or read crops. Stays loaded when a line lets go of it. */
export function watched(model: ViewModel, run: ViewModel['run'], onCrops = () => {}): ViewModel {
  const { labels, inputSize, capacity, defects } = model;
  return {
    ...{ labels, inputSize, capacity, run, defects },
    get crops() {
      onCrops();
      return model.crops;
    },
    release: () => Promise.resolve(),
  };
}

/** A film of frames, each behind its header, that begins with an empty belt. */
export async function readFilm(file: string): Promise<Frame[]> {
  const found: Frame[] = [];
  new FrameDecoder().push(await readFile(file), (frame) => found.push(frame));
  return found;
}

/** Grades the film that comes by standard input, each frame behind its header, and closes the line. */
export async function gradeStandardInput(line: GradeLine): Promise<void> {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder();
  for await (const chunk of process.stdin) {
    decoder.push(chunk as Buffer, (frame) => frames.push(frame));
    for (const frame of frames.splice(0)) await line.grade(frame);
  }
  await line.close();
}
