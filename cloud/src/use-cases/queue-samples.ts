import type { AlertView, Clock, SampleQuery, SampleView } from '@pomona/wire';
import type { DriftKind } from '../domain/drift-kind.ts';
import { type OfGrade, type QueueCandidate, queueForLabelling } from '../domain/label-queue.ts';

export interface QueuePorts {
  readonly store: {
    queueCandidates(query: SampleQuery): Promise<QueueCandidate[]>;
    labelledByGrade(): Promise<OfGrade[]>;
    correctedByGrade(sinceMs: number): Promise<OfGrade[]>;
    findMany(ids: readonly number[]): Promise<SampleView[]>;
  };
  readonly alerts: { listOpen(): Promise<AlertView[]> };
  readonly clock: Pick<Clock, 'nowMs'>;
}

const driftKinds: ReadonlyMap<AlertView['kind'], DriftKind> = new Map([
  ['drift-camera', 'camera'],
  ['drift-population', 'population'],
  ['drift-model', 'model'],
]);
/** What the operator corrected longer ago was another lot. */
const correctedSinceMs = 7 * 86_400_000;
const limitUsual = 100;

/** Fruit without a label, what helps most first, each with why it is there. */
export async function queueSamples(
  { store, alerts, clock }: QueuePorts,
  query: SampleQuery,
): Promise<SampleView[]> {
  const drifts = (await alerts.listOpen()).flatMap(({ kind, station, openedAt }) => {
    const drift = driftKinds.get(kind);
    return drift === undefined || station === null
      ? []
      : [{ station, kind: drift, openedAtMs: Date.parse(openedAt) }];
  });
  const context = {
    drifts,
    labelled: await store.labelledByGrade(),
    corrected: await store.correctedByGrade(clock.nowMs() - correctedSinceMs),
  };
  const queue = queueForLabelling(await store.queueCandidates(query), context, query.limit ?? limitUsual);
  const byId = new Map(queue.map((queued) => [queued.id, queued]));
  const samples = await store.findMany(queue.map(({ id }) => id));
  return samples.map((sample) => {
    const { score, why } = byId.get(sample.id)!;
    return { ...sample, queue: { score, why: [...why] } };
  });
}
