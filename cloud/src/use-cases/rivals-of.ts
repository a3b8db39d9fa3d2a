import type { ModelView } from '@pomona/wire';
import { aliased, type JudgeVersionPorts } from './judge-version.ts';

/** A version to hold a new one against, as the training program is told of it. */
export interface Rival {
  readonly model: { readonly name: string; readonly version: number };
  readonly network: string;
  readonly labels: readonly string[];
  /** Their digest. */
  readonly weights: string;
  /** How its logits become probabilities. */
  readonly before: { readonly scale: number; readonly shift: readonly number[] };
  readonly dataset: { readonly name: string; readonly digest: string };
}

/** Whom a new version of `name` must be as good as: the champion, and what it goes on from. Those whose weights are here. */
export async function rivalsOf(
  ports: Pick<JudgeVersionPorts, 'models'>,
  name: string,
  parent: ModelView | undefined,
): Promise<Rival[]> {
  const champion = await aliased(ports, name, 'champion');
  const isSame =
    parent !== undefined && parent.name === champion?.name && parent.version === champion.version;
  return [champion, isSame ? undefined : parent].flatMap((model) => {
    if (model?.weightsDigest === undefined || model.filesRemovedAt !== undefined) return [];
    const { version, network, labels, dataset, weightsDigest: weights } = model;
    const { scale, shift } = model.calibration ?? { scale: 1 / (model.temperature ?? 1), shift: [] };
    return [
      { model: { name: model.name, version }, network, labels, weights, before: { scale, shift }, dataset },
    ];
  });
}
