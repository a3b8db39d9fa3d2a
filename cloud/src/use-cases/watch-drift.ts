/**
 * Watches each station's fruit for drift. Its baseline is the first fruit that the running release graded there, read
 * anew from the stored fruit after a restart: so nothing is forgotten, and a station is compared with itself.
 */
import { type AlertView, seededRandom } from '@pomona/wire';
import {
  type Baseline,
  baselineOf,
  type DriftKind,
  driftKindOf,
  judgeWindow,
  type SeenFruit,
  type WindowVerdict,
} from '../domain/drift.ts';
import type { Alerts } from './alerts.ts';
import type { StationRecord } from './ports.ts';

export const baselineWindows = 5;
const windowsKept = 5;

export interface DriftPorts {
  readonly store: {
    newestRelease(stationId: number): Promise<number | undefined>;
    after(
      stationId: number,
      releaseId: number,
      id: number,
      limit: number,
    ): Promise<(SeenFruit & { id: number })[]>;
    startOfLast(stationId: number, releaseId: number, count: number): Promise<number>;
  };
  readonly alerts: Pick<Alerts, 'raiseAlert' | 'closeAlert'>;
  readonly windowFruits: number;
}

interface Watch {
  readonly releaseId: number;
  readonly baseline: Baseline;
  lastId: number;
  verdicts: WindowVerdict[];
}

const kinds: readonly DriftKind[] = ['camera', 'population', 'model'];

export class DriftWatch {
  readonly #ports: DriftPorts;
  readonly #watches = new Map<number, Watch>();

  constructor(ports: DriftPorts) {
    this.#ports = ports;
  }

  /** Judges the windows that are complete by now. */
  async look({ id, station }: Pick<StationRecord, 'id' | 'station'>): Promise<void> {
    const { store, windowFruits } = this.#ports;
    const watch = await this.#watchOf(id);
    if (watch === undefined) return;
    const before = watch.lastId;
    for (;;) {
      const fruits = await store.after(id, watch.releaseId, watch.lastId, windowFruits);
      if (fruits.length < windowFruits) break;
      watch.lastId = fruits.at(-1)!.id;
      watch.verdicts = [...watch.verdicts, judgeWindow(watch.baseline, fruits)].slice(-windowsKept);
    }
    if (watch.lastId !== before) await this.#tell(station, watch);
  }

  /** Undefined while the baseline is not complete. */
  async #watchOf(id: number): Promise<Watch | undefined> {
    const { store, windowFruits } = this.#ports;
    const releaseId = await store.newestRelease(id);
    const known = this.#watches.get(id);
    if (releaseId === undefined || known?.releaseId === releaseId) return known;
    const fruits = await store.after(id, releaseId, 0, baselineWindows * windowFruits);
    if (fruits.length < baselineWindows * windowFruits) return undefined;
    const recent = await store.startOfLast(id, releaseId, windowsKept * windowFruits);
    const baseline = baselineOf(fruits, windowFruits, seededRandom(releaseId, 'drift-limits'));
    const watch = { releaseId, baseline, lastId: Math.max(fruits.at(-1)!.id, recent), verdicts: [] };
    this.#watches.set(id, watch);
    return watch;
  }

  async #tell(station: string, { baseline, verdicts }: Watch): Promise<void> {
    const { alerts } = this.#ports;
    const kind = driftKindOf(verdicts);
    // A cleared lens leaves strange windows among the last five: normal is when the newest is.
    if (verdicts.at(-1)!.beyond.length === 0)
      for (const each of kinds) await alerts.closeAlert(`drift-${each}`, station);
    else if (kind !== undefined) await alerts.raiseAlert(alertOf(station, kind, baseline, verdicts.at(-1)!));
  }
}

function alertOf(
  station: string,
  kind: DriftKind,
  baseline: Baseline,
  { psi, beyond, medianLuma }: WindowVerdict,
): Pick<AlertView, 'kind' | 'severity' | 'station' | 'title' | 'detail' | 'evidence'> {
  const brightness = medianLuma / Math.max(1, baseline.medianLuma);
  const picture =
    brightness < 0.85 ? 'become darker' : brightness > 1.15 ? 'become brighter' : 'changed their colour';
  const texts = {
    camera: [`The pictures have ${picture}`, 'Clean the lens, and look at the lamp.'],
    population: [
      'The fruit is of another kind than before',
      'A new lot, harvest or variety: see the grades.',
    ],
    model: ['The model is otherwise sure than before', 'Label some of this fruit, and train again.'],
  } as const;
  const figures = beyond.map((each) => [each, Math.round(psi[each] * 100) / 100]);
  return {
    kind: `drift-${kind}`,
    severity: 'warning',
    station,
    title: texts[kind][0],
    detail: texts[kind][1],
    evidence: Object.fromEntries([...figures, ['medianLumaRatio', Math.round(brightness * 100) / 100]]),
  };
}
