import type { DriftWindow, Health, SampleLabel, Samples } from '@pomona/wire';
import type { GradedFruit } from '../domain/line-messages.ts';
import type { OutboxRecord } from '../domain/outbox.ts';

export const sampleBoot = '0123456789abcdef';
export const sampleAt = '2026-01-01T00:00:00.000Z';

export function sampleRelease(digestDigit = 'a', version = 1) {
  return { name: 'apples', version, digest: digestDigit.repeat(64) };
}

export function fruitRecord(
  seq: number,
  changes: Partial<GradedFruit> = {},
  boot = sampleBoot,
): OutboxRecord {
  const value: GradedFruit = {
    release: sampleRelease(),
    recipeVersion: 1,
    labels: ['good', 'ok', 'bad'],
    fruit: {
      seq,
      at: sampleAt,
      lane: 0,
      positionMm: 12.5,
      grade: 'good',
      gate: 0,
      outcome: 'graded',
      probabilities: [0.9, 0.08, 0.02],
      views: 7,
      diameterMm: 74,
      colour: [180, 60, 40],
      latencyMs: 21,
    },
    ...changes,
  };
  return { kind: 'fruit', boot, seq, value };
}

/** `bytes`: about how large it is. */
export function sampleRecord(seq: number, bytes = 100, boot = sampleBoot, label?: SampleLabel): OutboxRecord {
  const value: Samples = {
    v: 1,
    boot,
    seq,
    at: sampleAt,
    ...(label && { label }),
    release: sampleRelease(),
    labels: ['good', 'ok', 'bad'],
    size: 8,
    reason: 'random',
    fruit: { seq: 0, at: sampleAt, lane: 0, grade: 'good', probabilities: [0.9, 0.08, 0.02] },
    views: ['A'.repeat(bytes)],
  };
  return { kind: 'sample', boot, seq, value };
}

export function driftRecord(seq: number, boot = sampleBoot): OutboxRecord {
  const value: DriftWindow = {
    ...{ v: 1, boot, seq, at: sampleAt, from: sampleAt, to: sampleAt },
    ...{ release: sampleRelease(), labels: ['good', 'ok', 'bad'], fruits: 2, views: 4, edges: 1 },
    histograms: [{ name: 'luma', counts: new Array<number>(16).fill(0).with(3, 2) }],
    grades: [{ grade: 'good', count: 2 }],
    confidence: { sum: [1.8, 0.1, 0.1], predicted: [{ label: 'good', n: 2, sum: 1.8 }] },
  };
  return { kind: 'drift', boot, seq, value };
}

export function healthRecord(seq: number, boot = sampleBoot): OutboxRecord {
  const value: Health = {
    v: 1,
    boot,
    seq,
    at: sampleAt,
    uptimeS: 1,
    framesPerSecond: 12,
    droppedFrames: 0,
    fruits: 0,
    missedDeadlines: 0,
    latencyMs: { p50: 0, p99: 0 },
    cpuPercent: 1,
    rssMb: 100,
    temperatureC: null,
    diskFreeMb: 1000,
    outboxDepth: 0,
    outboxDropped: 0,
    rejectedMessages: 0,
  };
  return { kind: 'health', boot, seq, value };
}
