import { AppError, type Clock, type SampleView } from '@pomona/wire';

export interface LabelPorts {
  readonly store: {
    find(id: number): Promise<SampleView | undefined>;
    label(id: number, label: string | null, actor: string, atMs: number): Promise<void>;
  };
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Says what grade a sample is; null takes that back. Errors: `sample-unknown`, `label-unknown`. */
export async function labelSample(
  { store, clock }: LabelPorts,
  id: number,
  label: string | null,
  actor: string,
): Promise<SampleView> {
  const { labels } = await foundSample(store, id);
  if (label !== null && !labels.includes(label))
    throw new AppError('label-unknown', `${label} is none of ${labels.join(', ')}`, {
      hint: 'Use one of the model’s.',
    });
  await store.label(id, label, actor, clock.nowMs());
  return foundSample(store, id);
}

/** Error: `sample-unknown`. */
export async function foundSample(store: Pick<LabelPorts['store'], 'find'>, id: number): Promise<SampleView> {
  const sample = await store.find(id);
  if (sample) return sample;
  throw new AppError('sample-unknown', `there is no sample ${id}`, { hint: 'See the list: /v1/samples.' });
}
