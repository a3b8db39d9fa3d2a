/**
 * Watches each station's fruit for drift, by the windows of statistics that it sends. The baseline is the first windows of
 * the release that counted the newest one, of as many fruits, at that station, and is read anew from the stored windows after a restart: so
 * nothing is forgotten, and a station is compared with itself.
 */
import { type DriftWindow, seededRandom } from '@pomona/wire';
import { judgeWindow, type WindowVerdict } from '../domain/drift.ts';
import { type Baseline, baselineOf, baselineWindows } from '../domain/drift-baseline.ts';
import { type Drift, type DriftKind, driftOf, windowsJudged } from '../domain/drift-kind.ts';
import type { Alerts } from './alerts.ts';
import { driftAlertOf } from './drift-alert.ts';
import type { StationRecord } from './ports.ts';

/** About 10 KB each. */
const baselinesKept = 2_000;
const kinds: readonly DriftKind[] = ['camera', 'population', 'model'];

export interface StoredWindow {
  readonly id: number;
  readonly receivedAtMs: number;
  readonly window: DriftWindow;
}

/** Windows of one release at one station, all of so many fruits. */
export interface ComparableWindows {
  readonly stationId: number;
  readonly releaseId: number;
  readonly fruits: number;
}

export interface DriftPorts {
  readonly store: {
    newest(stationId: number): Promise<ComparableWindows | undefined>;
    first(which: ComparableWindows, limit: number): Promise<readonly StoredWindow[]>;
    last(which: ComparableWindows, limit: number): Promise<readonly StoredWindow[]>;
    count(which: ComparableWindows): Promise<number>;
  };
  readonly alerts: Pick<Alerts, 'raiseAlert' | 'closeAlert'>;
}

export interface JudgedWindow extends StoredWindow {
  /** Undefined for a window of the baseline. */
  readonly verdict: WindowVerdict | undefined;
  /** As it stood with this window. */
  readonly drift: Drift | undefined;
}

export interface StationDrift {
  readonly count: number;
  /** Undefined while it is not complete. */
  readonly baseline: Baseline | undefined;
  /** The newest, oldest first. */
  readonly windows: readonly JudgedWindow[];
}

interface KnownBaseline {
  readonly lastId: number;
  readonly baseline: Baseline;
}

export class DriftWatch {
  readonly #ports: DriftPorts;
  readonly #baselines = new Map<string, KnownBaseline>();

  constructor(ports: DriftPorts) {
    this.#ports = ports;
  }

  /** Tells of the station's newest window. */
  async look({ id, station }: Pick<StationRecord, 'id' | 'station'>): Promise<void> {
    const { alerts } = this.#ports;
    const found = await this.drift(id, 1);
    const newest = found?.windows.at(-1);
    if (found?.baseline === undefined || newest?.verdict === undefined) return;
    const { verdict, drift } = newest;
    // One at a time: what looked like other fruit at first may turn out to be the lamp.
    for (const kind of kinds) if (kind !== drift?.kind) await alerts.closeAlert(`drift-${kind}`, station);
    if (drift) await alerts.raiseAlert(driftAlertOf(station, found.baseline, { ...newest, verdict, drift }));
  }

  /** What is known of a station, with its last `count` windows; undefined before the first. The same every time it is asked. */
  async drift(stationId: number, count: number): Promise<StationDrift | undefined> {
    const { store } = this.#ports;
    const which = await store.newest(stationId);
    if (which === undefined) return undefined;
    const known = await this.#baselineOf(which);
    const windows = await store.last(which, count + windowsJudged - 1);
    const verdicts: WindowVerdict[] = [];
    const judged = windows.map((stored): JudgedWindow => {
      if (known === undefined || stored.id <= known.lastId)
        return { ...stored, verdict: undefined, drift: undefined };
      const verdict = judgeWindow(known.baseline, stored.window);
      verdicts.push(verdict);
      return { ...stored, verdict, drift: driftOf(known.baseline, verdicts) };
    });
    return {
      count: await store.count(which),
      baseline: known?.baseline,
      windows: judged.slice(-count),
    };
  }

  async #baselineOf(which: ComparableWindows): Promise<KnownBaseline | undefined> {
    const { stationId, releaseId, fruits } = which;
    const key = `${stationId}/${releaseId}/${fruits}`;
    const known = this.#baselines.get(key);
    if (known !== undefined) return known;
    const first = await this.#ports.store.first(which, baselineWindows);
    if (first.length < baselineWindows) return undefined;
    const baseline = baselineOf(
      first.map(({ window }) => window),
      seededRandom(releaseId, `drift-limits-${stationId}`),
    );
    if (this.#baselines.size >= baselinesKept) this.#baselines.clear();
    const made = { lastId: first.at(-1)!.id, baseline };
    this.#baselines.set(key, made);
    return made;
  }
}
