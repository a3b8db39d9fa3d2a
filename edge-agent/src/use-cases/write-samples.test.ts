import { inflateRawSync } from 'node:zlib';
import { encode, type FruitRecord, type Samples } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { deflateRaw } from '../adapters/deflate.ts';
import { Sampler, type SamplingRules } from '../domain/sampler.ts';
import { MemoryOutbox } from '../testing/memory-outbox.ts';
import { fruitRecord, sampleBoot, sampleRelease } from '../testing/sample-records.ts';
import { type SampledFruit, SampleWriter } from './write-samples.ts';

const size = 8;
const none = { perMinuteMax: 0, perDayMax: 0 };
const rules: SamplingRules = {
  uncertain: { topBelow: 0.7, marginBelow: 0.2, perMinuteMax: 6, perDayMax: 10 },
  random: { share: 0, ...none },
};
const never = { next: () => 0.999 };
const crop = (value: number) => new Uint8Array(size * size * 3).fill(value);

function decided(probabilities: number[], crops: readonly Uint8Array[] = [crop(1), crop(2)]): SampledFruit {
  const { fruit } = fruitRecord(3).value as { fruit: FruitRecord };
  return {
    release: {
      ref: sampleRelease(),
      modelFile: '',
      variant: 'fp32',
      labels: ['good', 'ok', 'bad'],
      inputSize: size,
    },
    record: { ...fruit, probabilities },
    viewProbabilities: [
      [0.9, 0.1, 0],
      [0.2, 0.1, 0.7],
      [0.5, 0.2, 0.3],
    ],
    crops: (countMax) => crops.slice(0, countMax),
    centralCrops: (countMax) => crops.slice(0, countMax),
  };
}

function build(nowMs = () => 0) {
  const outbox = new MemoryOutbox();
  let seq = 100;
  const trouble: string[] = [];
  const state = { isFull: false, stored: 0 };
  const writer = new SampleWriter(
    { boot: sampleBoot, sampler: new Sampler(rules, never) },
    {
      clock: { nowMs: () => 1_700_000_000_000, monotonicMs: nowMs },
      outbox: { nextSeq: () => seq++, append: (record) => !state.isFull && outbox.append(record) },
      deflate: deflateRaw,
      onStored: () => state.stored++,
      onTrouble: (code) => trouble.push(code),
    },
  );
  const samples = () => outbox.read(0, 100, 'samples').map(({ value }) => value as Samples);
  return { writer, samples, trouble, state };
}

describe('samples', () => {
  it('hold what a person said of a fruit, whatever the rules would choose, with the label before the views', async () => {
    const { writer, samples, trouble } = build();
    const { release, record } = decided([0.95, 0.04, 0.01]);
    const label = { grade: 'bad', source: 'line-operator' };
    for (let i = 0; i < 8; i++) await writer.label({ release, record, crops: [crop(1), crop(2)] }, label);
    expect(samples()).toHaveLength(8);
    expect(samples()[0]).toMatchObject({ label, reason: 'asked', fruit: { seq: 3, grade: record.grade } });
    expect(JSON.stringify(samples()[0]).indexOf('"label":{')).toBeLessThan(190);
    expect(trouble).toEqual([]);
    encode('samples', samples()[0]!);
  });

  it('say so when what a person labelled was not kept', async () => {
    const { writer, samples, state } = build();
    const { release, record } = decided([0.95, 0.04, 0.01]);
    const label = { grade: 'bad', source: 'line-operator' };
    state.isFull = true;
    await expect(writer.label({ release, record, crops: [crop(1)] }, label)).rejects.toMatchObject({
      code: 'sample-lost',
    });
    expect([samples(), state.stored]).toEqual([[], 0]);
    state.isFull = false;
    await writer.label({ release, record, crops: [crop(1)] }, label);
    expect([samples().length, state.stored]).toEqual([1, 1]);
  });

  it('hold the views that the model saw of a fruit that it was unsure of', async () => {
    const { writer, samples, trouble } = build();
    writer.offer(decided([0.95, 0.04, 0.01]));
    writer.offer(decided([0.5, 0.3, 0.2]));
    await writer.idle();
    const [sample, ...others] = samples();
    expect([others, trouble]).toEqual([[], []]);
    expect(sample).toMatchObject({ seq: 100, reason: 'uncertain', size, fruit: { seq: 3, grade: 'good' } });
    expect(sample!.fruit.viewVotes).toEqual([2, 0, 1]);
    const views = sample!.views.map((view) => new Uint8Array(inflateRawSync(Buffer.from(view, 'base64'))));
    expect(views).toEqual([crop(1), crop(2)]);
    expect(encode('samples', sample!).byteLength).toBeGreaterThan(100);
  });

  it('wait in a short queue, and what finds it full is let go', async () => {
    const { writer, samples } = build();
    for (let i = 0; i < 6; i++) writer.offer(decided([0.4, 0.3, 0.3]));
    await writer.idle();
    expect(samples()).toHaveLength(4);
  });

  it('come at most so often in a minute and in a day, and again the day after', () => {
    const sampler = new Sampler(rules, never);
    const taken = (from: number, to: number, stepMs: number) => {
      let count = 0;
      for (let at = from; at < to; at += stepMs) if (sampler.choose([0.4, 0.3, 0.3], at)) count++;
      return count;
    };
    expect(taken(0, 1_000, 100)).toBe(6);
    expect(taken(1_000, 61_000, 100)).toBe(4);
    expect(taken(61_000, 3_600_000, 1_000)).toBe(0);
    expect(taken(86_400_000, 86_401_000, 100)).toBe(6);
  });

  it('at random do not depend on what the model thinks', () => {
    const always = { ...rules, random: { share: 1, perMinuteMax: 2, perDayMax: 2 } };
    const sampler = new Sampler(always, never);
    expect([0, 1, 2].map((at) => sampler.choose([1, 0, 0], at))).toEqual(['random', 'random', undefined]);
  });
});
