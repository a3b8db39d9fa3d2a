/**
 * How a line grades and measures the fruit of a film: `node dist/bench-accuracy-main.js '<BenchVariant as JSON>' < film`, one JSON object
 * per fruit on stdout, as it is decided by the recipe of its release, or the one that a station has until it gets another, with the place on the belt of each of its
 * views. Time is the film's own.
 *
 * The line keeps no place of a view. So a second tracker, of the same code, is told the same: fruit leave both in the same order.
 */
import { exitPositionMm, type Frame, type FruitBlob, defaultLineGeometry as geometry } from '@pomona/grading';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { type BenchVariant, gradeStandardInput, openLine } from './bench-grade-line.ts';
import { Detections } from './domain/detections.ts';
import { FruitTracker } from './domain/track.ts';

interface Places {
  /** Of each view: the encoder position at which what it shows is at the exit edge. */
  readonly viewsAtMm: number[];
}

const given = JSON.parse(process.argv[2] ?? '{}') as BenchVariant;
const detections = new Detections();
const tracker = new FruitTracker<Places>(
  {
    viewMm: geometry.frameWidthPx * geometry.mmPerPx,
    diameterMinMm: geometry.fruitDiameterMinMm,
    diameterMaxMm: geometry.fruitDiameterMaxMm,
    gateFarthestMm: geometry.gateDistanceMm,
  },
  () => ({ viewsAtMm: [] }),
);
const leaving: Places[] = [];
const line = openLine(given, await loadOnnxModel(given), {
  geometry,
  onLocated: follow,
  onDecided: ({ record }) => {
    const { lane, positionMm, grade, diameterMm, views, measures } = record;
    const viewsAtMm = leaving.shift()?.viewsAtMm;
    if (viewsAtMm?.length !== views)
      throw new Error(`a fruit of ${views} views is one of ${viewsAtMm?.length} for the second tracker`);
    const defectShare = measures?.defectShare;
    process.stdout.write(
      `${JSON.stringify({ lane, positionMm, grade, diameterMm, defectShare, viewsAtMm })}\n`,
    );
  },
});

await gradeStandardInput(line);

function follow({ encoderMm }: Frame, blobs: readonly FruitBlob[]): void {
  const { views, left, lost } = tracker.update(encoderMm, detections.of(blobs, geometry));
  views.forEach((track, i) => {
    track?.fruit.viewsAtMm.push(exitPositionMm(geometry, blobs[i]!.xPx, encoderMm));
  });
  for (const { isFruit, fruit } of [...lost, ...left]) if (isFruit) leaving.push(fruit);
}
