import { filesOf, type PrunePorts } from './prune-models.ts';

export type FinishPorts = Pick<PrunePorts, 'models' | 'desired' | 'rollouts' | 'blobs'> & {
  readonly removals: PrunePorts['removals'] & {
    list(): Promise<readonly string[]>;
    /** Those of them that show a sample which is there. */
    shown(): Promise<readonly string[]>;
  };
};

/**
 * Removes the files whose removal was cut off, and returns how many. To be called at the start, before anything else removes files or names them. A
 * cut may have come before the registry was changed, or a file may have come back since: what something names stays.
 */
export async function finishRemovals(ports: FinishPorts): Promise<number> {
  const { models, desired, rollouts, removals, blobs } = ports;
  const recorded = await removals.list();
  if (recorded.length === 0) return 0;
  const needed = new Set(await removals.shown());
  for (const model of await models.list())
    for (const digest of await filesOf(ports, model)) needed.add(digest);
  // Ordered in the moment before the cut: a station may be fetching it, whatever the registry says.
  const ordered = [
    ...(await desired.list()).map((order) => order.desired.release),
    ...(await rollouts.listActive()).map(({ spec }) => spec.release),
  ];
  for (const release of ordered)
    if (release) for (const digest of await filesOf(ports, release)) needed.add(digest);
  const going = recorded.filter((digest) => !needed.has(digest));
  for (const digest of going) await blobs.remove(digest);
  await removals.forget(recorded);
  return going.length;
}
