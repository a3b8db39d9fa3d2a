/**
 * How a line grades the fruit of a film: `node dist/bench-turntable-main.js '<BenchVariant as JSON>' < film`, one JSON object per fruit on
 * stdout, as it is decided by the recipe of its release, or the one that a station has until it gets another. The film's frames, each behind its header, begin with
 * an empty belt; time is the film's own.
 */
import { defaultLineGeometry, likeliestOf } from '@pomona/grading';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { type BenchVariant, gradeStandardInput, openLine } from './bench-grade-line.ts';

const given = JSON.parse(process.argv[2] ?? '{}') as BenchVariant;
const line = openLine(given, await loadOnnxModel(given), {
  geometry: defaultLineGeometry,
  onDecided: ({ record, viewProbabilities }) => {
    const { lane, positionMm, grade, outcome, diameterMm } = record;
    const viewGrades = viewProbabilities.map((row) => likeliestOf(given.labels, row));
    process.stdout.write(`${JSON.stringify({ lane, positionMm, grade, outcome, diameterMm, viewGrades })}\n`);
  },
});

await gradeStandardInput(line);
