import type { JobView, ModelView } from '@pomona/wire';

interface CheckRequest {
  readonly model?: { readonly name: string; readonly version: number };
  readonly dataset?: { readonly digest: string };
  readonly by?: string;
  readonly network?: string;
}

/** The calibrations and evaluations of a version, and what left groups out of its dataset with its network, newest first. */
export function checksOf(
  jobs: readonly JobView[],
  { name, version, dataset, network }: Pick<ModelView, 'name' | 'version' | 'dataset' | 'network'>,
): JobView[] {
  return jobs.filter(({ kind, request }) => {
    if (kind !== 'calibrate' && kind !== 'evaluate') return false;
    const asked = request as CheckRequest;
    if (asked.by !== undefined) return asked.dataset?.digest === dataset.digest && asked.network === network;
    return asked.model?.name === name && asked.model.version === version;
  });
}
