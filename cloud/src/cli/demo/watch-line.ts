import { setTimeout as pause } from 'node:timers/promises';
import { counted } from '@pomona/wire';
import type { ControlPlane } from '../../control-plane.ts';
import type { Output } from '../output.ts';
import type { DemoStation } from './demo-station.ts';
import { labelStations } from './label-by-truth.ts';
import type { ScenarioWatch } from './scenario-watch.ts';

export interface WatchLineOptions {
  readonly controlPlane: ControlPlane;
  readonly stations: readonly DemoStation[];
  readonly scenario: ScenarioWatch | undefined;
  /** Ends after so many fruits; undefined: when the scenario is judged, or else never. */
  readonly fruits?: number;
  readonly untilJudged: boolean;
  readonly labelsByTruth: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const pollMs = 500;
/** Progress is said with every so manieth look. */
const sayEvery = 20;

/** Until enough was seen, or an interrupt. Returns how many samples it labelled. Error: `agent-ended`. */
export async function watchLine(options: WatchLineOptions): Promise<number> {
  const { controlPlane, stations, scenario, output, signal } = options;
  output.say(`grading${describeEnd(options)}; Ctrl-C ends it with a summary`);
  const before = await countFruits(controlPlane);
  const known = new Set((await controlPlane.stores.alerts.list()).map(({ id }) => id));
  let labelled = 0;
  for (let polls = 1; !signal.aborted; polls++) {
    await pause(pollMs);
    for (const station of stations) station.checkAlive();
    const graded = (await countFruits(controlPlane)) - before;
    for (const { id, kind, station, title, detail } of await controlPlane.stores.alerts.list()) {
      if (known.has(id)) continue;
      known.add(id);
      output.say(
        `  alert ${kind} on ${station ?? 'all'} after ${counted(graded, 'fruit')}: ${title}. ${detail}`,
      );
    }
    const isJudged = (await scenario?.look()) ?? false;
    if (polls % sayEvery === 0) {
      if (options.labelsByTruth) labelled += await labelStations(controlPlane, stations);
      const also = labelled === 0 ? '' : `, ${counted(labelled, 'sample')} labelled`;
      output.say(`  ${counted(graded, 'fruit')} graded${also}`);
    }
    if (options.fruits !== undefined && graded >= options.fruits) break;
    if (options.untilJudged && isJudged) break;
  }
  return labelled;
}

function describeEnd({ fruits, untilJudged }: WatchLineOptions): string {
  if (fruits !== undefined)
    return ` until ${counted(fruits, 'fruit')} ${fruits === 1 ? 'has' : 'have'} passed`;
  return untilJudged ? ' until the scenario is judged' : '';
}

async function countFruits(controlPlane: ControlPlane): Promise<number> {
  return (await controlPlane.overview()).fruits;
}
