import type { ModelView, ProjectView } from '@pomona/wire';
import { expect, it } from 'vitest';
import type { DatasetImage } from '../domain/dataset.ts';
import { defaultTargets } from '../domain/project-targets.ts';
import { evaluation } from '../testing/sample-training.ts';
import { evaluateModel } from './evaluate-model.ts';
import type { JobRun } from './run-job.ts';
import type { EvaluatorRequest } from './tune.ts';

const own = { name: 'drawn', digest: 'a'.repeat(64) };
const other = { name: 'phone', digest: 'b'.repeat(64) };
const image = (digest: string, split: string) => ({ digest, split }) as DatasetImage;
const model = {
  ...{ name: 'apples', version: 2, network: 'sequential', labels: ['good', 'bad'], dataset: own },
  ...{ weightsDigest: 'e'.repeat(64), temperature: 2 },
} as unknown as ModelView;
const project: ProjectView = {
  ...{ version: 1, at: null, actor: null },
  targets: { ...defaultTargets, costs: { bad: { good: 20 } } },
};
const run: JobRun = {
  ...{ id: 1, actor: 'ada', signal: new AbortController().signal, onEvent: () => undefined },
  checkpoint: async () => undefined,
  setResult: async () => undefined,
};

it('judges by the calibration of the version, and counts the images that it learned from under another name', async () => {
  const asked: EvaluatorRequest[] = [];
  const stored = new Map([
    [own.digest, [image('1', 'train'), image('2', 'validation'), image('3', 'test')]],
    [other.digest, [image('1', 'test'), image('2', 'test'), image('3', 'test'), image('4', 'train')]],
  ]);
  const evaluate = (found: ModelView, parent?: ModelView) =>
    evaluateModel(
      {
        models: { find: async (_, version) => (version === 2 ? found : parent) },
        trainer: {
          async evaluate(request) {
            asked.push(request);
            return evaluation;
          },
        },
        project: { read: async () => project },
        readImages: async ({ digest }) => stored.get(digest),
      },
      { model: { name: 'apples', version: 2 }, dataset: other, split: 'test' },
      run,
    );
  expect(await evaluate(model)).toMatchObject({ seenImages: 2, evaluation, labels: model.labels });
  const [[, goodAsBad], [badAsGood]] = evaluation.confusion as [[number, number], [number, number]];
  const cases = evaluation.confusion.flat().reduce((sum, count) => sum + count, 0);
  expect((await evaluate(model)).errorCost).toEqual({
    perCase: (goodAsBad + 20 * badAsGood) / cases,
    costs: [
      [0, 1],
      [20, 0],
    ],
  });
  asked.pop();
  expect(asked[0]).toMatchObject({ fromWeights: model.weightsDigest, before: { scale: 0.5, shift: [] } });
  const fitted = { scale: 3, shift: [1, 0], dataset: other, heldBack: 'groups' };
  // Fitted to all of them.
  expect(await evaluate({ ...model, calibration: fitted } as unknown as ModelView)).toMatchObject({
    seenImages: 3,
  });
  expect(asked[1]).toMatchObject({ before: { scale: 3, shift: [1, 0] } });
  const older = { name: 'older', digest: 'd'.repeat(64) };
  stored.set(older.digest, [image('3', 'train')]);
  const parent = { ...model, version: 1, digest: 'e'.repeat(64), dataset: older } as ModelView;
  const tuned = { ...model, parent: { name: 'apples', version: 1 } } as ModelView;
  expect(await evaluate(tuned, parent)).toMatchObject({ seenImages: 3 });
  // What a version that is not here learned from nobody knows.
  expect(await evaluate(tuned)).toMatchObject({ seenImages: null });
  stored.delete(own.digest);
  expect(await evaluate(model)).toMatchObject({ seenImages: null });
  stored.delete(other.digest);
  await expect(evaluate(model)).rejects.toMatchObject({ code: 'dataset-unknown' });
});
