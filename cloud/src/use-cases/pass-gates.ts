import {
  AppError,
  isAppError,
  type ModelAlias,
  type ModelView,
  type ReleaseRef,
  type RolloutPreview,
} from '@pomona/wire';
import { failedGates } from '../domain/gates.ts';
import { type DesiredPorts, findReleased, type ReleaseVersion } from './set-desired.ts';

/** Who asks, and whether failed gates stop them. */
export interface Actor {
  readonly name: string;
  readonly isAdmin: boolean;
}

/** What a rollout takes by default; a failed gate keeps a version from it. */
export const championAlias = 'champion';

/** A release that a station was told to run, with the places of the first and of the last time in the log of all orders. */
export interface StationOrder {
  readonly station: string;
  readonly release: ReleaseRef;
  readonly first: number;
  readonly last: number;
}

export interface GatePorts {
  readonly models: { aliases(name: string): Promise<ModelAlias[]> };
  /** Each release once for each station. */
  readonly desired: { ordersOf(stations: readonly string[]): Promise<readonly StationOrder[]> };
}

/**
 * Lets a version go to stations as it may become the champion: its gates passed, or an admin overrides them with a reason. The champion has been
 * through that. Stations that go back to what they ran before are never stopped. Resolves to what was overridden, for the log; to
 * undefined where nothing was. Error: `gate-failed`.
 */
export async function passGates(
  ports: GatePorts,
  model: ModelView,
  stations: readonly string[],
  override: boolean | undefined,
  actor: Actor,
): Promise<string | undefined> {
  const cause = await whatGatesStop(ports, model, stations);
  if (cause === undefined) return undefined;
  return overrideOf(cause, `${model.name}@${model.version} goes to no station`, override, actor);
}

/** Why a version does not go to these stations before somebody asks for that: as `findReleased` and `passGates` would refuse it. */
export async function whatStopsRelease(
  ports: {
    readonly models: GatePorts['models'] & DesiredPorts['models'];
    readonly desired: GatePorts['desired'];
    readonly isWaiting: DesiredPorts['isWaiting'];
  },
  release: ReleaseVersion,
  stations: readonly string[],
): Promise<RolloutPreview['stopped']> {
  try {
    const why = await whatGatesStop(ports, await findReleased(ports, release), stations);
    return why === undefined ? undefined : { why, byGates: true };
  } catch (error) {
    if (isAppError(error)) return { why: error.message, byGates: false };
    throw error;
  }
}

/** Undefined for a version that passed, for the champion, and for one to which all of the stations go back. */
async function whatGatesStop(
  { models, desired }: GatePorts,
  model: ModelView,
  stations: readonly string[],
): Promise<string | undefined> {
  const cause = whatStops(model);
  if (cause === undefined) return undefined;
  const champion = (await models.aliases(model.name)).find(({ alias }) => alias === championAlias);
  if (champion?.version === model.version) return undefined;
  const orders = await desired.ordersOf(stations);
  const isNewTo = (station: string) =>
    !isReturn(
      orders.filter((order) => order.station === station),
      model.digest,
    );
  return stations.some(isNewTo) ? cause : undefined;
}

/** Why a version is neither promoted nor rolled out; undefined for one that passed. */
export function whatStops({ gates }: Pick<ModelView, 'gates'>): string | undefined {
  if (gates === undefined) return 'it was never held against gates';
  const failed = failedGates(gates).map(({ name }) => name);
  return failed.length === 0 ? undefined : `failed: ${failed.join(', ')}`;
}

/** What the log says of an override. Error: `gate-failed`, where there is none by an admin. */
export function overrideOf(
  cause: string,
  refusal: string,
  override: boolean | undefined,
  { isAdmin }: Actor,
): string {
  if (override === true && isAdmin) return `gates overridden, ${cause}`;
  throw new AppError('gate-failed', `${refusal}; ${cause}`, {
    hint: 'Train a better one, change the targets (pomona project set), or let an admin override with a reason (--override).',
  });
}

/**
 * Whether the station runs the release, or ran it before it was first told to run what it runs now. One that came later and was taken back is
 * no return: going there again is going forward.
 */
function isReturn(orders: readonly StationOrder[], digest: string): boolean {
  const wanted = orders.find(({ release }) => release.digest === digest);
  const [present] = [...orders].sort((a, b) => b.last - a.last);
  return wanted !== undefined && present !== undefined && wanted.first <= present.first;
}
