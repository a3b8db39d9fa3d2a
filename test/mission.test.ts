/**
 * The whole mission, as its people see it: photographs, a model, a fleet that takes it, fruit that the model does not know,
 * labels, a better model, and a bad one that goes back by itself. Only the command line and REST are used.
 */
import { join } from 'node:path';
import { writePhotograph } from '@pomona/cloud/testing';
import type { DatasetView, JobView, ModelView, RolloutView, SampleList, StationView } from '@pomona/wire';
import { afterAll, describe, expect, it } from 'vitest';
import { Farm, until } from './support/farm.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `camera-${letter}`);
/** The one whose fruit changes. */
const [first = ''] = names;
const camera = (seed: number, rate: number, ...more: string[]) => [
  ...['--seed', String(900_000 + seed), '--rate', String(rate), '--fps', '8'],
  ...more,
];
const sampling = {
  uncertain: { perMinuteMax: 300, perDayMax: 10_000 },
  random: { share: 0.5, perMinuteMax: 300, perDayMax: 10_000 },
};

describe('the mission', () => {
  const data = temporaryFolder();
  const farm = new Farm({ data });
  afterAll(() => farm.stop());
  /** What fails says what the programs said last. */
  const step = (what: string, seconds: number, act: () => Promise<void>) =>
    it(
      what,
      async () => {
        try {
          await act();
        } catch (error) {
          console.error(farm.lastWords());
          throw error;
        }
      },
      seconds * 1_000,
    );
  let drawn: ModelView;
  let rough: ModelView;
  let better: ModelView;
  /** Accuracy on the fruit that the first model does not know. */
  let unknown = 1;

  step(
    'turns photographs into a dataset version, and that into a model that is not worth much',
    120,
    async () => {
      for (const [grade, skin] of Object.entries({ good: '#c0392b', ok: '#a8742f', bad: '#4a2c16' })) {
        for (let i = 0; i < 14; i++)
          await writePhotograph(join(data, 'photographs', grade, `${i}.jpg`), i * 7 + grade.length, skin);
      }
      const dataset = await farm.cli<DatasetView>(
        'dataset',
        'import',
        join(data, 'photographs'),
        '--name',
        'photographs',
      );
      expect(dataset.images).toBeGreaterThan(35);
      rough = await farm.cli<ModelView>(
        'train',
        '--dataset',
        'photographs',
        '--name',
        'rough',
        '--epochs',
        '1',
      );
      expect(rough.variants?.map(({ name }) => name)).toEqual(['fp32', 'int8']);
      const refusal = await farm.refusal('model', 'promote', `rough@${rough.version}`, '--reason', 'why not');
      expect(refusal).toMatch(/gate-failed/);
    },
  );

  step('trains a good one on drawn apples', 240, async () => {
    await farm.cli<DatasetView>('dataset', 'draw', '--name', 'orchard', '--fruits', '1200', '--seed', '5');
    drawn = await farm.cli<ModelView>('train', '--dataset', 'orchard', '--epochs', '24', '--seed', '5');
    expect(drawn.evaluation.accuracy).toBeGreaterThan(0.85);
    await farm.cli(
      'model',
      'promote',
      `apples@${drawn.version}`,
      '--override',
      '--reason',
      'the first that is any good',
    );
    expect((await farm.cli<ModelView>('model', 'show', 'apples@champion')).digest).toBe(drawn.digest);
  });

  step('starts six stations and brings the release to one, then to all', 120, async () => {
    await farm.start();
    for (const [i, name] of names.entries())
      await farm.addStation(name, `line-${1 + (i % 3)}`, camera(i, name === first ? 5 : 2), {
        ...(name === first ? { sampling } : {}),
      });
    await until('all stations are online', 60, async () => {
      const stations = await farm.cli<StationView[]>('station', 'list');
      return stations.filter(({ status }) => status?.state === 'online').length === names.length;
    });
    const rollout = await farm.cli<RolloutView>(
      ...[
        'rollout',
        'create',
        '--release',
        `apples@${drawn.version}`,
        '--canary',
        '1',
        '--reason',
        'the first one',
      ],
    );
    const ended = await rolloutEnds(rollout.id);
    expect(ended).toMatchObject({ status: 'done' });
    expect(await runningDigests()).toEqual(names.map(() => drawn.digest));
  });

  step('grades well', 90, async () => {
    await until(
      'enough fruit was graded',
      60,
      async () => (await farm.accuracyOf(first, drawn.digest)).fruits >= 100,
    );
    expect((await farm.accuracyOf(first, drawn.digest)).accuracy).toBeGreaterThan(0.8);
  });

  step('meets fruit that it does not know, and sends views of it to be labelled', 150, async () => {
    await farm.changeCamera(first, camera(0, 5, '--scenario', 'new-variety'));
    await until(
      'enough fruit was graded',
      60,
      async () => (await farm.accuracyOf(first, drawn.digest)).fruits >= 100,
    );
    unknown = (await farm.accuracyOf(first, drawn.digest)).accuracy;
    expect(unknown).toBeLessThan(0.75);
    await until('enough samples came', 90, async () => {
      for (const sample of await unlabelled()) {
        if (sample.fruit.positionMm === null) continue;
        const label = farm.trueGradeOf(first, {
          lane: sample.fruit.lane,
          positionMm: sample.fruit.positionMm,
        });
        if (label !== undefined) await farm.rest('PUT', `/v1/samples/${sample.id}/label`, { label });
      }
      return (
        (await farm.rest<SampleList>('GET', `/v1/samples?station=${first}&state=labelled`)).counts.labelled >=
        120
      );
    });
  });

  step('learns from the labels', 240, async () => {
    const job = await farm.cli<JobView>('retrain', '--epochs', '8');
    await until('the retraining ends', 200, async () => {
      const { state, error } = await farm.rest<JobView>('GET', `/v1/jobs/${job.id}`);
      if (state === 'failed') throw new Error(`the retraining failed: ${error}`);
      return state === 'done';
    });
    const models = await farm.cli<ModelView[]>('model', 'list');
    better = models.find(({ name, version }) => name === 'apples' && version > drawn.version) ?? drawn;
    expect(better.digest).not.toBe(drawn.digest);
  });

  step('brings the better model out, and grades the new fruit better', 180, async () => {
    const rollouts = await farm.rest<RolloutView[]>('GET', '/v1/rollouts');
    const started = rollouts.find(({ release }) => release.digest === better.digest);
    const rollout =
      started ??
      (await farm.cli<RolloutView>(
        ...[
          'rollout',
          'create',
          '--release',
          `apples@${better.version}`,
          '--canary',
          '1',
          '--reason',
          'new variety',
        ],
      ));
    const ended = await rolloutEnds(rollout.id);
    expect(ended.status, ended.why ?? '').toBe('done');
    await until(
      'enough fruit was graded',
      60,
      async () => (await farm.accuracyOf(first, better.digest)).fruits >= 100,
    );
    const { accuracy } = await farm.accuracyOf(first, better.digest);
    console.log(`new variety: accuracy ${unknown.toFixed(2)} before, ${accuracy.toFixed(2)} after`);
    expect(accuracy).toBeGreaterThan(unknown + 0.1);
  });

  step('takes a bad release back by itself, before it is everywhere', 180, async () => {
    const { id } = await farm.rest<RolloutView>('POST', '/v1/rollouts', {
      release: { name: rough.name, version: rough.version },
      query: { station: ['camera-*'] },
      plan: {
        canary: 1,
        soakS: 60,
        onFailure: 'rollback',
        health: { fruitsMin: 40, missedShareMore: 0.05, latencyFactor: 4, gradeShareMove: 0.25, silentS: 60 },
      },
      reason: 'somebody was in a hurry',
    });
    const ended = await rolloutEnds(id);
    expect(ended.status).toBe('rolled-back');
    expect(ended.why).toMatch(/calls .* % of the fruits/);
    await until('all run the better one again', 30, async () =>
      (await runningDigests()).every((digest) => digest === better.digest),
    );
  });

  async function unlabelled() {
    const query = `/v1/samples?station=${first}&state=unlabelled&order=newest&limit=200`;
    return (await farm.rest<SampleList>('GET', query)).samples;
  }

  async function runningDigests(): Promise<(string | undefined)[]> {
    const stations = await farm.cli<StationView[]>('station', 'list');
    return stations.map(({ reported }) => reported?.running?.release.digest);
  }

  async function rolloutEnds(id: number): Promise<RolloutView> {
    return until(`rollout ${id} ends`, 120, async () => {
      const view = await farm.rest<RolloutView>('GET', `/v1/rollouts/${id}`);
      return ['done', 'paused', 'rolled-back', 'cancelled'].includes(view.status) && view;
    });
  }
});
