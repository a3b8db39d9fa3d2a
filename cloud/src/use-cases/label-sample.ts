import { AppError, type Clock, type LabelSource, type SampleView } from '@pomona/wire';
import { isBeyondOne, type Said, type Standing } from '../domain/label-standing.ts';

export interface LabelPorts {
  readonly store: {
    find(id: number): Promise<SampleView | undefined>;
    /** Adds to the sample's history what `say` makes of where it stands, if anything. */
    say(id: number, say: (standing: Standing) => Said | undefined): Promise<void>;
  };
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Who says it, and where. */
export interface Speaker {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly source: LabelSource;
}

/**
 * Says what grade a sample is; null takes that back. The same label once more changes nothing. Errors: `sample-unknown`, `label-unknown`,
 * `sample-labelled`, `sample-disputed`.
 */
export async function labelSample(
  ports: LabelPorts,
  id: number,
  { label, unlessLabelled = false }: { readonly label: string | null; readonly unlessLabelled?: boolean },
  by: Speaker,
): Promise<SampleView> {
  return say(ports, id, label, by, 'label', (standing) => {
    if (isBeyondOne(standing.review))
      throw new AppError(
        'sample-disputed',
        `two people differ on sample ${id}, so its label is not yours alone`,
        {
          hint: 'A third person or an admin decides: the page Labelling, or PUT /v1/samples/:id/decision.',
        },
      );
    const known = standing.label;
    if (unlessLabelled && known !== null && known.by !== by.name)
      throw new AppError('sample-labelled', `sample ${id} was labelled by ${known.by} meanwhile`, {
        hint: 'Go on with the next.',
      });
    return label !== (known?.label ?? null);
  });
}

/**
 * What a second person says, who does not know the first label; null takes that back. Errors: `sample-unknown`, `label-unknown`, `opinion-own`,
 * `opinion-unwanted`.
 */
export async function giveOpinion(
  ports: LabelPorts,
  id: number,
  label: string | null,
  by: Speaker,
): Promise<SampleView> {
  return say(ports, id, label, by, 'second', ({ first, second, review }) => {
    if (first?.by === by.name)
      throw new AppError('opinion-own', `the label of sample ${id} is your own`, {
        hint: 'The second opinion has to be another person’s.',
      });
    const isOwn = second?.by === by.name && (review === 'agreed' || review === 'disputed');
    if (!isOwn && (review !== 'wanted' || label === null))
      throw new AppError('opinion-unwanted', `sample ${id} wants no opinion of you (${review})`, {
        hint: 'See those that do: GET /v1/samples?state=second.',
      });
    return label !== (second?.label ?? null);
  });
}

/**
 * What holds where two people differ: said by a third or an admin, who may change their mind; null says that it cannot be told. Errors:
 * `sample-unknown`, `label-unknown`, `opinion-own`, `sample-undisputed`.
 */
export async function decideLabel(
  ports: LabelPorts,
  id: number,
  label: string | null,
  by: Speaker,
): Promise<SampleView> {
  return say(ports, id, label, by, 'decision', ({ first, second, review, label: now }) => {
    if (!isBeyondOne(review))
      throw new AppError('sample-undisputed', `no two people differ on sample ${id} (${review})`, {
        hint: 'See those on which they do: GET /v1/samples?state=disputed.',
      });
    if (!by.isAdmin && [first?.by, second?.by].includes(by.name))
      throw new AppError('opinion-own', `one of the two who differ on sample ${id} is you`, {
        hint: 'A third person or an admin decides.',
      });
    return review === 'disputed' || label !== (review === 'unresolved' ? null : now?.label);
  });
}

/** `isNew` says whether it is to be recorded, or throws. */
async function say(
  { store, clock }: LabelPorts,
  id: number,
  label: string | null,
  { name: actor, source }: Speaker,
  kind: Said['kind'],
  isNew: (standing: Standing) => boolean,
): Promise<SampleView> {
  const { labels } = await foundSample(store, id);
  if (label !== null && !labels.includes(label))
    throw new AppError('label-unknown', `${label} is none of ${labels.join(', ')}`, {
      hint: 'Use one of the model’s.',
    });
  await store.say(id, (standing) =>
    isNew(standing) ? { kind, source, actor, label, atMs: clock.nowMs() } : undefined,
  );
  return foundSample(store, id);
}

/** Error: `sample-unknown`. */
export async function foundSample(store: Pick<LabelPorts['store'], 'find'>, id: number): Promise<SampleView> {
  const sample = await store.find(id);
  if (sample) return sample;
  throw new AppError('sample-unknown', `there is no sample ${id}`, { hint: 'See the list: /v1/samples.' });
}
