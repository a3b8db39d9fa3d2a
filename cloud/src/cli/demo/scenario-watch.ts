/**
 * Begins a scenario on each line once the station knows its usual state, and sees what is said of it. Asks the REST API, as
 * anybody else would.
 */
import { type ScenarioName, scenarioKinds } from '@pomona/orchard';
import { type AlertView, counted, type DriftDetail, type DriftKind } from '@pomona/wire';
import { windowsJudged } from '../../domain/drift-kind.ts';
import type { DemoStation } from './demo-station.ts';

/** In so many windows of the changed line the right alert should be there. */
export const windowsMax = 3;
const windowsReadMax = 500;

export interface ScenarioOutcome {
  readonly station: string;
  /** Of the scenario, on this line; null when the usual state was not known before the end. */
  readonly begunAt: string | null;
  /** What was said with each window since; the first may hold a few usual fruits. */
  readonly kinds: readonly (DriftKind | null)[];
  /** Number of the window, from 1, with which the right kind was said first; null for none. */
  readonly seenIn: number | null;
  /** The alert of the right kind; null for none. */
  readonly alert: Pick<AlertView, 'title' | 'evidence' | 'openedAt'> | null;
}

export interface ScenarioSummary {
  readonly name: ScenarioName;
  readonly expected: `drift-${DriftKind}`;
  /** On every line within `windowsMax` windows. */
  readonly shown: boolean;
  readonly stations: readonly ScenarioOutcome[];
}

type Station = Pick<DemoStation, 'address' | 'beginScenario'>;

export interface ScenarioPorts {
  readonly stations: readonly Station[];
  /** With the newest `windows`. */
  drift(station: string, windows: number): Promise<DriftDetail>;
  alerts(): Promise<readonly AlertView[]>;
  nowMs(): number;
  say(line: string): void;
}

export class ScenarioWatch {
  readonly #name: ScenarioName;
  readonly #ports: ScenarioPorts;
  readonly #begun = new Map<string, { readonly at: string; readonly windowCount: number }>();

  constructor(name: ScenarioName, ports: ScenarioPorts) {
    this.#name = name;
    this.#ports = ports;
  }

  /** True when every line has changed, and either the right thing was said of it or there was time enough to say it. */
  async look(): Promise<boolean> {
    const { stations, drift, nowMs, say } = this.#ports;
    let isOver = true;
    for (const station of stations) {
      const name = station.address.station;
      if (this.#begun.has(name)) {
        const { kinds, seenIn } = await this.#said(name);
        // The alert follows its window by a moment.
        const isShown = seenIn !== null && (await this.#alertOf(name)) !== undefined;
        isOver &&= isShown || kinds.length > windowsMax || (seenIn === null && kinds.length === windowsMax);
        continue;
      }
      isOver = false;
      const { baseline, windows, windowCount } = await drift(name, windowsJudged);
      // What an earlier scenario did to the line must be over, or it would be taken for this one's.
      if (!baseline.complete || windows.some(({ verdict }) => verdict === 'drift')) continue;
      await station.beginScenario();
      this.#begun.set(name, { at: new Date(nowMs()).toISOString(), windowCount });
      say(`  ${name}: ${this.#name} begins, after ${counted(windowCount, 'window')}`);
    }
    return isOver;
  }

  async summary(): Promise<ScenarioSummary> {
    const outcomes: ScenarioOutcome[] = [];
    for (const { address } of this.#ports.stations) {
      const { station } = address;
      const begun = this.#begun.get(station);
      const said = begun === undefined ? { kinds: [], seenIn: null } : await this.#said(station);
      const alert = await this.#alertOf(station);
      outcomes.push({
        ...{ station, begunAt: begun?.at ?? null, ...said },
        alert: alert ? { title: alert.title, evidence: alert.evidence, openedAt: alert.openedAt } : null,
      });
    }
    const shown = outcomes.every(
      ({ seenIn, alert }) => alert !== null && seenIn !== null && seenIn <= windowsMax,
    );
    return { name: this.#name, expected: this.#expected, shown, stations: outcomes };
  }

  get #expected() {
    return `drift-${scenarioKinds[this.#name]}` as const;
  }

  /** Of the right kind, since the scenario began there. */
  async #alertOf(station: string): Promise<AlertView | undefined> {
    const begun = this.#begun.get(station);
    if (begun === undefined) return undefined;
    return (await this.#ports.alerts()).find(
      (alert) => alert.station === station && alert.kind === this.#expected && alert.openedAt >= begun.at,
    );
  }

  async #said(station: string): Promise<Pick<ScenarioOutcome, 'kinds' | 'seenIn'>> {
    const { windows, windowCount } = await this.#ports.drift(station, windowsReadMax);
    const since = windowCount - this.#begun.get(station)!.windowCount;
    const kinds = since <= 0 ? [] : windows.slice(-since).map(({ kind }) => kind);
    const at = kinds.indexOf(scenarioKinds[this.#name]);
    return { kinds, seenIn: at < 0 ? null : at + 1 };
  }
}

export function describeScenario({ name, expected, stations }: ScenarioSummary): string[] {
  return [
    `scenario    ${name}, to be shown as ${expected} within ${windowsMax} windows`,
    ...stations.map((outcome) => `            ${outcome.station}: ${describeOutcome(outcome, expected)}`),
  ];
}

function describeOutcome({ begunAt, kinds, seenIn, alert }: ScenarioOutcome, expected: string): string {
  if (begunAt === null) return 'ended before its usual state was known; run longer';
  const others = [...new Set(kinds)].filter((kind) => kind !== null && `drift-${kind}` !== expected);
  const also = others.length === 0 ? '' : `; said ${others.join(', ')} too`;
  if (seenIn === null || alert === null) return `no ${expected} in ${counted(kinds.length, 'window')}${also}`;
  const figures = Object.entries(alert.evidence).map(([figure, value]) => `${figure} ${value}`);
  return `${expected} in window ${seenIn}: ${alert.title} (${figures.join(', ')})${also}`;
}
