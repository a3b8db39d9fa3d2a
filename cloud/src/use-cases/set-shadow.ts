import { AppError, type Desired, type ReleaseRef } from '@pomona/wire';
import type { ChangedBy } from './ports.ts';
import { type DesiredPorts, findReleased, keptRecipe, publishDesired } from './set-desired.ts';

export interface ShadowRequest {
  readonly rollout: number;
  readonly release: ReleaseRef;
  readonly samplesPerDayMax: number;
}

/**
 * Has a station run a candidate silently beside the release that it is to run, by the recipe that it would get with it; or, with
 * null, no more. Nothing else of what it is to run changes. Errors: `station-unknown`, `model-unknown`, `files-removed`,
 * `release-waiting`, `shadow-alone`.
 */
export async function setShadow(
  ports: DesiredPorts,
  station: string,
  request: ShadowRequest | null,
  by?: ChangedBy,
): Promise<void> {
  const record = await ports.stations.find(station);
  if (!record)
    throw new AppError('station-unknown', `there is no station ${station}`, {
      hint: 'See the list: pomona station list.',
    });
  const model = request === null ? undefined : await findReleased(ports, request.release);
  const nowMs = ports.clock.nowMs();
  const { desired, envelope } = await ports.desired.advance(
    record,
    nowMs,
    (counter, before) => {
      if (before === undefined || before.desired.release === null) throw alone(station);
      const { shadow: _, retry: _again, ...rest } = before.desired;
      const next: Desired = {
        ...rest,
        counter,
        at: new Date(nowMs).toISOString(),
        ...(request &&
          model && { shadow: { ...request, recipe: model.recipe ?? keptRecipe(before, model) } }),
      };
      return { desired: next, envelope: ports.signer.sign(next), ownRecipe: before.ownRecipe };
    },
    by,
  );
  await publishDesired(ports, { station: record, desired, envelope });
}

function alone(station: string): AppError {
  return new AppError('shadow-alone', `${station} is to run no release beside which another could run`, {
    hint: 'Give it a release first.',
  });
}
