/**
 * Runs the rollouts: one turn after another, so that no two decide about the same station. A turn reads what is known of
 * the stations, lets `step` decide, stores the new state and then gives the orders; what it could not do, the next does.
 */
import {
  AppError,
  type Clock,
  counted,
  type Desired,
  type DesiredRequest,
  defaultRolloutPlan,
  defaultShadowPlan,
  type ModelLogEntry,
  type ModelView,
  type RolloutActionName,
  type RolloutPlan,
  type RolloutPreview,
  type RolloutRequest,
  type ShadowFigures,
  type StationQuery,
  type StationView,
} from '@pomona/wire';
import { beginRollout, isAllowed, type RolloutEvent, step } from '../domain/rollout.ts';
import { isShadowing } from '../domain/rollout-shadow.ts';
import { isTerminal, type Observed, type RolloutSpec, type RolloutState } from '../domain/rollout-state.ts';
import type { Order, RolloutNote } from '../domain/rollout-step.ts';
import { selectStations } from '../domain/station-query.ts';
import { observedOf } from './observe-station.ts';
import { type Actor, type GatePorts, passGates, whatStopsRelease } from './pass-gates.ts';
import type { Logger } from './ports.ts';
import { selectedStations } from './selected-stations.ts';
import { findReleased, type ReleaseVersion } from './set-desired.ts';
import type { ShadowRequest } from './set-shadow.ts';

export interface Rollout {
  readonly id: number;
  readonly createdAtMs: number;
  readonly actor: string;
  readonly reason: string;
  readonly query: StationQuery;
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
}
export type RolloutDraft = Omit<Rollout, 'id'>;

export interface RecordedNote extends RolloutNote {
  readonly atMs: number;
}

export interface RolloutPorts {
  readonly store: {
    /** `logged` is what the log of the model says of it, once it has its number: both or neither. */
    create(draft: RolloutDraft, note: RolloutNote, logged?: (id: number) => ModelLogEntry): Promise<Rollout>;
    save(
      id: number,
      before: RolloutState,
      after: RolloutState,
      notes: readonly RolloutNote[],
      nowMs: number,
    ): Promise<void>;
    listActive(): Promise<readonly Rollout[]>;
    find(id: number): Promise<Rollout | undefined>;
    /** What each station of the rollout has counted of its shadow. */
    shadowFigures(id: number): Promise<ReadonlyMap<string, ShadowFigures>>;
  };
  readonly models: GatePorts['models'] & {
    find(name: string, version?: number): Promise<ModelView | undefined>;
  };
  readonly desired: GatePorts['desired'];
  readonly isWaiting: (release: ReleaseVersion) => Promise<boolean>;
  viewStations(names?: readonly string[]): Promise<readonly StationView[]>;
  setDesired(station: string, request: DesiredRequest): Promise<Desired>;
  setShadow(station: string, shadow: ShadowRequest | null): Promise<void>;
  /** That stations of the site wait for its quiet hours to end, in words; null when they need not. */
  quietText(site: string): string | null;
  /** The stations with an open alert which says that the model does not know their fruit. */
  driftedStations(): Promise<ReadonlySet<string>>;
  /** By a rule or a person. Must not throw. */
  onPaused(rollout: Rollout, why: string): void;
  /** None is paused any more. Must not throw. */
  onNonePaused(): void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Rollouts {
  readonly #ports: RolloutPorts;
  readonly #active = new Map<number, Rollout>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: RolloutPorts) {
    this.#ports = ports;
  }

  get isIdle(): boolean {
    return this.#active.size === 0;
  }

  /** The station may fetch in the quiet hours of its site: a person said so of a rollout that it is in. */
  goesNow(station: string): boolean {
    return [...this.#active.values()].some(
      ({ state }) => state.now === true && state.members.some((member) => member.station === station),
    );
  }

  /** Takes up what was under way when the control plane was last stopped. */
  async load(): Promise<void> {
    for (const rollout of await this.#ports.store.listActive()) this.#active.set(rollout.id, rollout);
  }

  /** `release` is `NAME@VERSION`. */
  async preview(query: StationQuery, release?: string): Promise<RolloutPreview> {
    const stations = selectStations(query, await this.#ports.viewStations()).map(({ station }) => station);
    if (release === undefined) return { stations };
    const [name, version] = release.split('@') as [string, string];
    const stopped = await whatStopsRelease(this.#ports, { name, version: Number(version) }, stations);
    return { stations, ...(stopped && { stopped }) };
  }

  /** The stations that a rollout of the query would be for now. Errors: `place-unknown`, `rollout-empty`. */
  async selected(query: StationQuery): Promise<readonly string[]> {
    return selectedStations(query, await this.#ports.viewStations());
  }

  /** Errors: `model-unknown`, `files-removed`, `release-waiting`, `place-unknown`, `rollout-empty`, `rollout-overlap`, `gate-failed`. */
  create(request: RolloutRequest, by: Actor): Promise<Rollout> {
    return this.#inTurn(async () => {
      const { name, version } = request.release;
      const model = await findReleased(this.#ports, request.release);
      const stations = await this.selected(request.query);
      this.#refuseBusy(stations);
      const overridden = await passGates(this.#ports, model, stations, request.override, by);
      const actor = by.name;
      const spec: RolloutSpec = {
        release: { name, version, digest: model.digest },
        plan: planOf(request.plan),
      };
      const createdAtMs = this.#ports.clock.nowMs();
      const state = beginRollout(spec, stations, createdAtMs, request.now);
      const { query, reason } = request;
      const note = { kind: request.now === true ? 'create-now' : 'create', actor, reason };
      const rollout = await this.#ports.store.create(
        { createdAtMs, actor, reason, query, spec, state },
        note,
        overridden === undefined
          ? undefined
          : (id) => ({
              ...{ at: new Date(createdAtMs).toISOString(), name, actor, reason },
              action: `rollout ${id} of ${version}`,
              detail: `${overridden}; to ${counted(stations.length, 'station')}`,
            }),
      );
      this.#active.set(rollout.id, rollout);
      return rollout;
    });
  }

  /** Errors: `rollout-unknown`, `rollout-state`. */
  act(id: number, action: RolloutActionName, actor: string, reason: string): Promise<Rollout> {
    return this.#inTurn(async () => {
      const rollout = this.#active.get(id) ?? (await this.#ports.store.find(id));
      if (!rollout)
        throw new AppError('rollout-unknown', `there is no rollout ${id}`, {
          hint: 'See the list: pomona rollout list.',
        });
      const { status } = rollout.state;
      if (!isAllowed(action, status))
        throw new AppError('rollout-state', `rollout ${id} is ${status}: it cannot ${action}`, {
          hint: isTerminal(status)
            ? 'It has ended; make a rollout of the release that you want.'
            : 'See how it stands: pomona rollout show.',
        });
      return this.#apply(rollout, { kind: action, actor, reason });
    });
  }

  /** One look at every rollout that has not ended. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isIdle) return;
      const names = [...this.#active.values()].flatMap(({ state }) => state.members.map((m) => m.station));
      const views = await this.#ports.viewStations([...new Set(names)]);
      const drifted = await this.#ports.driftedStations();
      const observed = new Map(
        views.map((view) => [
          view.station,
          observedOf(view, this.#ports.quietText(view.site), drifted.has(view.station)),
        ]),
      );
      for (const rollout of [...this.#active.values()]) {
        const shadows = isShadowing(rollout.state) ? await this.#withShadows(rollout.id, observed) : observed;
        await this.#apply(rollout, { kind: 'tick', observed: shadows });
      }
    });
  }

  async #withShadows(
    id: number,
    observed: ReadonlyMap<string, Observed>,
  ): Promise<ReadonlyMap<string, Observed>> {
    const figures = await this.#ports.store.shadowFigures(id);
    return new Map(
      [...observed].map(([station, now]) => [
        station,
        now.shadow === undefined
          ? now
          : { ...now, shadow: { ...now.shadow, figures: figures.get(station) ?? null } },
      ]),
    );
  }

  /** Resolves when no turn is under way. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  async #apply(rollout: Rollout, event: RolloutEvent): Promise<Rollout> {
    const { store, clock, logger } = this.#ports;
    const nowMs = clock.nowMs();
    const next = step(rollout.spec, rollout.state, event, nowMs);
    const changed = { ...rollout, state: next.state };
    if (next.state !== rollout.state || next.notes.length > 0) {
      await store.save(rollout.id, rollout.state, next.state, next.notes, nowMs);
      if (isTerminal(next.state.status)) this.#active.delete(rollout.id);
      else this.#active.set(rollout.id, changed);
      for (const note of next.notes) logger.info({ rollout: rollout.id, ...note }, 'rollout');
    }
    if (next.state.status === 'paused' && rollout.state.status !== 'paused')
      this.#ports.onPaused(changed, next.state.why ?? '');
    const isAnyPaused = [...this.#active.values()].some(({ state }) => state.status === 'paused');
    if (rollout.state.status === 'paused' && !isAnyPaused) this.#ports.onNonePaused();
    await this.#order(rollout, next.orders);
    return changed;
  }

  async #order({ id, spec }: Rollout, orders: readonly Order[]): Promise<void> {
    const give = async (order: Order) => {
      const { station } = order;
      try {
        if ('shadow' in order)
          await this.#ports.setShadow(
            station,
            order.shadow && { ...order.shadow, rollout: id, release: spec.release },
          );
        else {
          const { release } = order;
          const wanted = release && { name: release.name, version: release.version };
          await this.#ports.setDesired(station, { release: wanted });
        }
      } catch (error) {
        this.#ports.logger.warn(
          { err: error, station },
          'could not give a rollout’s order; it is tried again',
        );
      }
    };
    await Promise.all(orders.map(give));
  }

  #refuseBusy(stations: readonly string[]): void {
    const wanted = new Set(stations);
    for (const { id, state } of this.#active.values()) {
      const shared = state.members.find(({ station }) => wanted.has(station));
      if (shared)
        throw new AppError(
          'rollout-overlap',
          `rollout ${id} is ${state.status} and has ${shared.station} too`,
          {
            hint: `Wait for rollout ${id} to end, or cancel it: pomona rollout cancel ${id}.`,
          },
        );
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function planOf({ shadow, ...plan }: NonNullable<RolloutRequest['plan']> = {}): RolloutPlan {
  return {
    ...defaultRolloutPlan,
    ...plan,
    ...(shadow === undefined ? {} : { shadow: { ...defaultShadowPlan, ...shadow } }),
  };
}
