import { cpus } from 'node:os';
import { type ScenarioName, scenarioKinds, scenarioNames } from '@pomona/orchard';
import type { BenchResult } from '@pomona/training';
import { type DriftWindow, randomInt, seededRandom } from '@pomona/wire';
import { baselineWindows } from '../domain/drift-baseline.ts';
import type { DriftKind } from '../domain/drift-kind.ts';
import { judgeLine } from '../domain/judge-line.ts';
import { type BenchModel, benchVariantOf } from './bench-model.ts';
import { drawWindow, mergeWindows } from './draw-window.ts';
import { type Recording, recordWindows } from './record-windows.ts';

const windowFruits = 100;
const usualWindows = 20;
const scenarioWindows = 6;
const simulatedLines = 50;
const windowsPerLine = 100;
const seed = 900;

/**
 * Draws lines and lets the agent's code count them: what the statistics cost beside inference, how often unchanged fruit
 * raises an alarm, and after how many windows each scenario does. A scenario begins behind the baseline, as in the demo.
 */
export async function benchDrift({ manifest, files }: BenchModel, signal: AbortSignal): Promise<BenchResult> {
  const model = benchVariantOf({ manifest, files }, [...files.keys()][0]!);
  const usual = await recordWindows({ model, seed, windows: usualWindows, windowFruits, signal });
  const rows = [
    costRow(usual),
    falseAlarmRow([mergeWindows(usual.windows)], 'that comes by chance'),
    falseAlarmRow(usual.windows, 'that comes in lots'),
  ];
  for (const scenario of scenarioNames) {
    const windows = baselineWindows + scenarioWindows;
    const options = { model, seed, windows, windowFruits, signal, scenario, scenarioAfter: baselineWindows };
    rows.push(
      delayRow(
        scenario,
        judgeLine((await recordWindows(options)).windows, seededRandom(seed, 'drift-limits')),
      ),
    );
  }
  return {
    bench: 'drift',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    rows,
  };
}

type Row = BenchResult['rows'][number];

function costRow({ spent, windows }: Recording): Row {
  const views = windows.reduce((sum, window) => sum + window.views, 0);
  const fruits = windows.reduce((sum, window) => sum + window.fruits, 0);
  // What was counted behind the last window was paid too.
  const value = (spent.statisticsMs / spent.fruits) * (fruits / views);
  const peerValue = spent.inferenceMs / spent.views;
  return {
    name: `statistics of a view, ${(views / fruits).toFixed(0)} of ${(spent.views / spent.fruits).toFixed(1)} views of a fruit`,
    ...{ value, unit: 'ms', peer: 'inference of a view', peerValue, ratio: value / peerValue },
  };
}

/**
 * Windows are drawn from the recorded ones: from all of them together, as if every fruit came by chance, or each from one of
 * them, which makes windows about twice as different from each other, as lots do.
 */
function falseAlarmRow(recorded: readonly DriftWindow[], name: string): Row {
  let alarms = 0;
  for (let line = 0; line < simulatedLines; line++) {
    const random = seededRandom(line, 'simulated-line');
    const count = baselineWindows + windowsPerLine;
    const windows = Array.from({ length: count }, () =>
      drawWindow(recorded[randomInt(random, recorded.length)]!, windowFruits, random),
    );
    const kinds = judgeLine(windows, seededRandom(line, 'drift-limits'));
    // An episode is one alarm, however long.
    alarms += kinds.filter((kind, at) => kind !== undefined && kinds[at - 1] === undefined).length;
  }
  return {
    name: `false alarms in ${simulatedLines * windowsPerLine} windows of unchanged fruit ${name}`,
    ...{ value: alarms, unit: 'alarms', peer: null, peerValue: null, ratio: null },
  };
}

function delayRow(scenario: ScenarioName, kinds: readonly (DriftKind | undefined)[]): Row {
  const right = scenarioKinds[scenario];
  const at = kinds.indexOf(right);
  const others = [...new Set(kinds)].filter((kind) => kind !== undefined && kind !== right);
  const also = others.length === 0 ? '' : `, and as ${others.join(', ')}`;
  return {
    name: `${scenario}: ${at < 0 ? 'not ' : ''}seen as ${right}${also}`,
    ...{ value: at < 0 ? kinds.length : at + 1, unit: 'windows', peer: null, peerValue: null, ratio: null },
  };
}
