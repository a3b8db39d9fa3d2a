import type { DatasetView, Gate, Lineage, ModelView, Overview, StationView, StoredFruit } from '@pomona/wire';
import type { ConsoleAnswers } from './console-server.ts';

const labels = ['bad', 'good', 'ok'];
const boot = '00112233aabbccdd';
const release = { name: 'apples', version: 3, digest: 'c0ffee'.padEnd(64, '0') };
const nextRelease = { name: 'apples', version: 4, digest: 'decade'.padEnd(64, '0') };
const datasetDigest = 'da7a5e7'.padEnd(64, '0');

function instant(agoMs = 0): string {
  return new Date(Date.now() - agoMs).toISOString();
}

/** One line with two stations, two model versions and one dataset, as of now. */
export function consoleAnswers(): ConsoleAnswers {
  return {
    overview: overview([station('north'), station('south', { fetchedBytes: 357_500 })]),
    fruits: [1, 2, 3].map((seq) => fruit(seq, { receivedAt: instant(5_000 - seq) })),
    models: [model(2), model(3)],
    datasets: [dataset()],
    lineage: lineage(),
  };
}

export function overview(stations: StationView[]): Overview {
  return {
    at: instant(),
    stations,
    fruits: 12_340,
    fruitsPerSecond: 9.8,
    grades: [
      { grade: 'bad', count: 1_234 },
      { grade: 'good', count: 8_638 },
      { grade: 'ok', count: 2_468 },
    ],
    rejectedMessages: [{ station: 'south', channel: 'grades', cause: 'too large', count: 7 }],
    recent: [{ at: instant(Date.now() % 10_000), grades: [{ grade: 'good', count: 40 }] }],
  };
}

/** `fetchedBytes`: of an update that is on its way; without, the station is up to date. */
export function station(name: string, update: { readonly fetchedBytes?: number } = {}): StationView {
  const envelope = { v: 1, boot, seq: 9, at: instant() } as const;
  const updating = update.fetchedBytes !== undefined;
  return {
    site: 'demo',
    line: 'line-1',
    station: name,
    enrolledAt: instant(3_600_000),
    lastSeenAt: instant(),
    condition: 'online',
    status: {
      ...envelope,
      state: 'online',
      agentVersion: '0.1.0',
      board: 'Test board',
      release,
      clock: 'synced',
    },
    reported: {
      ...envelope,
      desiredCounter: 7,
      update: {
        state: updating ? 'fetching' : 'active',
        release: updating ? nextRelease : release,
        fetchedBytes: update.fetchedBytes ?? 1_430_000,
        totalBytes: 1_430_000,
        reason: null,
      },
      running: {
        release,
        variant: 'int8',
        since: instant(60_000),
        why: 'int8: 0.11 ms per view, fp32 0.24; both right',
      },
      recipeVersion: 1,
    },
    health: {
      ...envelope,
      uptimeS: 7_300,
      framesPerSecond: 12,
      droppedFrames: 3,
      fruits: 6_170,
      missedDeadlines: updating ? 2 : 0,
      latencyMs: { p50: 21, p99: 48.7 },
      cpuPercent: 34,
      rssMb: 182.4,
      loadAverage: 0.82,
      temperatureC: 61.4,
      throttled: { now: [], sinceBoot: updating ? ['under-voltage'] : [] },
      diskFreeMb: 21_400,
      outboxDepth: 17,
      outboxDropped: 0,
      rejectedMessages: 0,
    },
    desired: {
      counter: updating ? 8 : 7,
      release: updating ? nextRelease : release,
      at: instant(70_000),
    },
    fruits: 6_170,
    fruitsPerSecond: 4.9,
    grades: [
      { grade: 'good', count: 4_319 },
      { grade: 'ok', count: 1_234 },
      { grade: 'bad', count: 617 },
    ],
  };
}

/** The same station when it has graded `count` more. */
export function withMore(view: StationView, grade: string, count: number): StationView {
  const grades = view.grades.map((entry) =>
    entry.grade === grade ? { grade, count: entry.count + count } : entry,
  );
  return { ...view, fruits: view.fruits + count, grades };
}

export function fruit(seq: number, change: Partial<StoredFruit> = {}): StoredFruit {
  return {
    seq,
    at: change.receivedAt ?? instant(),
    lane: 1,
    positionMm: 1_000,
    grade: 'good',
    gate: 0,
    outcome: 'graded',
    probabilities: [0.01, 0.943, 0.047],
    views: 6,
    diameterMm: 74.2,
    colour: [180, 70, 50],
    latencyMs: 23,
    site: 'demo',
    line: 'line-1',
    station: 'north',
    boot,
    releaseDigest: release.digest,
    labels,
    receivedAt: instant(),
    ...change,
  };
}

const gates: Gate[] = [
  {
    ...{ name: 'macro-f1', figure: 0.9541, limit: 0.9, comparison: '>=', verdict: 'passed', detail: '' },
  },
  {
    ...{ name: 'group-gap', figure: 0.119, limit: 0.05, comparison: '<=', verdict: 'failed' },
    detail: 'accuracy between 2 groups',
  },
  {
    ...{ name: 'export-parity', figure: 0.000_002_3, limit: 0.0001, comparison: '<=', verdict: 'passed' },
    detail: 'largest difference of a probability on the golden views, trainer to fp32',
  },
];

function model(version: number): ModelView {
  return {
    name: 'apples',
    version,
    digest: version === 3 ? release.digest : 'f00d'.padEnd(64, '0'),
    createdAt: instant((10 - version) * 86_400_000),
    labels,
    dataset: { name: 'orchard-demo', digest: datasetDigest },
    network: 'sequential',
    parameters: { epochs: 12, learningRate: 0.001, augment: true },
    seed: 42,
    codeRevision: '1a2b3c4d',
    releaseBytes: 143_220,
    trainImagesPerSecond: 1_480,
    ...(version === 3
      ? {
          ...{ parent: { name: 'apples', version: 2 }, exportDifference: 0.000_002_3, gates },
          errorCost: { perCase: 0.056, costs: [] },
          calibration: {
            ...{ scale: 0.412, shift: [0, -1.25, -3.5], images: 60, groups: 3 },
            ...{ dataset: { name: 'photographs', digest: datasetDigest }, heldBack: 'images' },
            before: { accuracy: 0.51, balancedAccuracy: 0.48, ece: 0.31 },
          },
        }
      : {}),
    variants: [
      {
        name: 'fp32',
        file: 'model-fp32.onnx',
        bytes: 60_832,
        accuracy: 0.9618,
        agreement: 1,
        ece: 0.0213,
        msPerView: 0.102,
      },
      {
        name: 'int8',
        file: 'model-int8.onnx',
        bytes: 17_920,
        accuracy: 0.9601,
        agreement: 0.993,
        ece: 0.0219,
        msPerView: 0.055,
      },
    ],
    evaluation: {
      unit: 'fruit',
      images: 10_200,
      groups: 1_700,
      accuracy: version === 3 ? 0.9618 : 0.9,
      balancedAccuracy: 0.957,
      macroF1: 0.9541,
      confusion: [
        [382, 3, 17],
        [1, 801, 14],
        [9, 21, 452],
      ],
      perClass: [
        {
          ...{ label: 'bad', precision: 0.9745, recall: 0.9502, f1: 0.9622, support: 402 },
          ...{ precisionInterval: [0.958, 0.989], recallInterval: [0.928, 0.97] },
          ...{ auc: 0.9934, averagePrecision: 0.9871 },
        },
        { label: 'good', precision: 0.9709, recall: 0.9816, f1: 0.9762, support: 816 },
        { label: 'ok', precision: 0.9358, recall: null, f1: 0.9368, support: 482 },
      ],
      ece: 0.0213,
      rawEce: 0.0871,
      intervals: { accuracy: [0.952, 0.97], balancedAccuracy: [0.946, 0.967], macroF1: [0.943, 0.964] },
      recallGaps: [
        { label: 'bad', groups: 2, gap: 0.042, worst: 'russet' },
        { label: 'good', groups: 1, gap: null, worst: null },
      ],
      worst: [
        {
          ...{ digest: datasetDigest, source: 'good/17.jpg' },
          group: 'russet',
          truth: 'good',
          graded: 'bad',
          probability: 0.004,
        },
        { digest: 'f'.repeat(64), group: 'gala', truth: 'bad', graded: 'ok', probability: 0.03 },
      ],
      byGroup: [
        { group: 'gala', images: 300, accuracy: 0.99 },
        { group: 'russet', images: 200, accuracy: 0.871 },
      ],
    },
  };
}

function lineage(): Lineage {
  const { name, version, digest } = nextRelease;
  const place = { site: 'demo', line: 'line-1', station: 'north' };
  return {
    of: { kind: 'model', name: 'apples@3' },
    ...{ photographs: [], quarantined: [], datasets: [], unreadable: [] },
    models: [
      {
        ...{ name, version, digest, createdAt: instant(), place: 'after', aliases: [] },
        links: [{ as: 'went-on', from: 'apples@3' }],
      },
    ],
    runs: [
      {
        ...{ ...place, release, variant: 'int8', from: instant(60_000), until: null },
        reportedAt: instant(59_000),
      },
    ],
  };
}

function dataset(): DatasetView {
  return {
    name: 'orchard-demo',
    digest: datasetDigest,
    createdAt: instant(86_400_000),
    source: 'orchard, seed 7',
    labels,
    inputSize: 64,
    images: 12_000,
    groups: 2_000,
    viewsPerFruit: 6,
    byGrade: [
      { grade: 'bad', count: 2_400 },
      { grade: 'good', count: 6_600 },
      { grade: 'ok', count: 3_000 },
    ],
    bySplit: [
      { split: 'train', images: 8_400, groups: 1_400 },
      { split: 'validation', images: 1_800, groups: 300 },
      { split: 'test', images: 1_800, groups: 300 },
    ],
    quarantined: [{ path: 'bad/torn.jpg', reason: 'ends before its data does' }],
    leftOut: [{ grade: 'unripe', count: 112 }],
  };
}
