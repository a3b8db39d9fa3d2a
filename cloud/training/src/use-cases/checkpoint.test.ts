import { defaultRecipe, networkNamed } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { systemClock } from '@pomona/wire';
import { expect, test } from 'vitest';
import { pause } from '../adapters/finish-model.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { type CheckpointStore, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { train } from './train.ts';
import { weightsFileOf } from './weights-file.ts';

const dataset = spottedDataset({ fruits: 36, viewsPerFruit: 1, inputSize: 48 });
const recipe = { ...defaultRecipe, epochs: 4, batchImages: 12 };

async function trained(checkpoint: CheckpointStore, seed = 1) {
  const events: TrainingEvent[] = [];
  const report = (event: TrainingEvent): void => void events.push(event);
  const engine = await useOnnxBackend();
  const job = { dataset, network: networkNamed('compact')!, recipe, seed, views: 1 };
  const result = await train(job, { engine, clock: systemClock, report, pause, checkpoint });
  const weights = weightsFileOf(result.model);
  result.model.dispose();
  const told = events.filter(({ type }) => type === 'resumed');
  return {
    weights,
    told,
    events: events.filter(({ type }) => type === 'epoch'),
    bestEpoch: result.bestEpoch,
  };
}

/** Keeps every state; the process dies while it saves the one after `epochs`. */
function storeOf(epochs: number, kept?: Uint8Array): CheckpointStore & { readonly saved: Uint8Array[] } {
  const saved: Uint8Array[] = [];
  return {
    saved,
    intervalMs: 0,
    load: async () => kept,
    save: async (bytes) => {
      if (saved.length === epochs) throw new Error('killed');
      saved.push(bytes);
    },
  };
}

test('a training that was killed goes on to the very numbers of one that was not', async () => {
  // Epochs end too soon after one another for this store: it keeps nothing.
  const whole = await trained({ ...storeOf(0), intervalMs: 600_000 });
  const first = storeOf(2);
  await expect(trained(first)).rejects.toThrow('killed');
  const second = storeOf(recipe.epochs, first.saved.at(-1));
  const resumed = await trained(second);
  expect(second.saved).toHaveLength(2);
  expect(Buffer.from(resumed.weights).equals(Buffer.from(whole.weights))).toBe(true);
  expect(resumed.events).toEqual(whole.events);
  expect([whole.told, resumed.told]).toEqual([[], [{ type: 'resumed', epoch: 2 }]]);
  expect(resumed.bestEpoch).toBe(whole.bestEpoch);
  const done = await trained(storeOf(0, second.saved.at(-1)));
  expect(Buffer.from(done.weights).equals(Buffer.from(whole.weights))).toBe(true);

  const other = await trained(storeOf(0, first.saved[0]), 2).catch((error: unknown) => error);
  expect(other).toMatchObject({ code: 'checkpoint-unsuited' });
  const cut = await trained(storeOf(0, first.saved[0]!.subarray(0, -4))).catch((error: unknown) => error);
  expect(cut).toMatchObject({ code: 'checkpoint-unsuited', message: expect.stringContaining('numbers') });
});

test('a checkpoint says what it was given, unless it is of another training, cut or too long', () => {
  const head = { job: 'this', epoch: 3, steps: 12, elapsedMs: 9, events: [], best: { epoch: 2, loss: 0.5 } };
  const arrays = [Float32Array.of(1, 2), Float32Array.of(3)];
  const file = writeCheckpoint(head, arrays);
  expect(readCheckpoint(file, 'this', [2, 1])).toEqual({ ...head, arrays });
  const refusal = (bytes: Uint8Array, job = 'this', lengths = [2, 1]) => {
    try {
      return readCheckpoint(bytes, job, lengths);
    } catch (error) {
      return error;
    }
  };
  const unsuited = { code: 'checkpoint-unsuited' };
  expect(refusal(file, 'other')).toMatchObject(unsuited);
  expect(refusal(file, 'this', [2, 2])).toMatchObject(unsuited);
  expect(refusal(new Uint8Array())).toMatchObject(unsuited);
  expect(refusal(Buffer.concat([file, Buffer.of(0)]))).toMatchObject(unsuited);
  for (let cut = 1; cut <= 5; cut++) expect(refusal(file.subarray(0, -cut))).toMatchObject(unsuited);
});
