import { readFile } from 'node:fs/promises';
import { isAppError, type Prediction, systemClock, systemErrorCode } from '@pomona/wire';
import { Command } from 'commander';
import { Predictor } from '../adapters/predictor.ts';
import { isPhotographFault } from '../domain/photograph-faults.ts';
import { predict } from '../use-cases/predict.ts';
import { percent } from './describe-model.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface PredictOptions {
  readonly data: string;
  readonly model: string;
  readonly json?: true;
}

type FilePrediction = { readonly file: string } & (
  | ({ readonly ok: true } & Prediction)
  | { readonly ok: false; readonly reason: string }
);

export function predictCommand(): Command {
  return new Command('predict')
    .description('grade the fruit of photographs; needs no running control plane')
    .argument('<files...>', 'photographs of one apple each')
    .option('--model <model>', 'NAME for the newest version, NAME@VERSION or NAME@ALIAS', 'apples')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (files: string[], options: PredictOptions) => {
      const predictions = await predictFiles(files, options);
      createOutput(options.json === true).report(predictions, describePredictions(predictions));
      if (predictions.every(({ ok }) => !ok)) process.exitCode = 1;
    });
}

/** A photograph that cannot be graded does not keep the others from it. */
async function predictFiles(files: readonly string[], options: PredictOptions): Promise<FilePrediction[]> {
  const predictor = new Predictor(options.data);
  try {
    return await withRegistry(options.data, async ({ models, project }) => {
      const ports = { models, project, clock: systemClock, look: predictor.look.bind(predictor) };
      const predictions: FilePrediction[] = [];
      for (const file of files) predictions.push(await predictFile(ports, file, options.model));
      return predictions;
    });
  } finally {
    await predictor.stop();
  }
}

async function predictFile(
  ports: Parameters<typeof predict>[0],
  file: string,
  model: string,
): Promise<FilePrediction> {
  try {
    return { file, ok: true, ...(await predict(ports, model, await readFile(pathOption(file)))) };
  } catch (error) {
    if (isAppError(error)) {
      if (isPhotographFault(error.code)) return { file, ok: false, reason: error.message };
      throw error;
    }
    const code = systemErrorCode(error);
    if (code !== undefined) return { file, ok: false, reason: `the file cannot be read (${code})` };
    throw error;
  }
}

function describePredictions(predictions: readonly FilePrediction[]): string {
  return table(
    ['file', 'grade', 'probabilities', 'remarks'],
    predictions.map((each) => {
      if (!each.ok) return [each.file, '-', '-', each.reason];
      const shares = each.probabilities.map(({ label, probability }) => `${label} ${percent(probability)}`);
      return [each.file, each.grade, shares.join(', '), each.warnings.join(' ')];
    }),
  );
}
