import { cpus } from 'node:os';
import { scenarioNames } from '@pomona/orchard';
import type { BenchResult } from '@pomona/training';
import { type DriftWindow, randomInt, seededRandom } from '@pomona/wire';
import { judgeWindow } from '../domain/drift.ts';
import { baselineOf, baselineWindows } from '../domain/drift-baseline.ts';
import { type DriftKind, driftOf } from '../domain/drift-kind.ts';
import type { BenchModel } from './bench-model.ts';
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
export async function benchDrift({ manifest, files }: BenchModel): Promise<BenchResult> {
  const [variant, modelFile] = [...files][0]!;
  const model = { labels: manifest.labels, inputSize: manifest.input.size, variant, modelFile };
  const usual = await recordWindows({ model, seed, windows: usualWindows, windowFruits });
  const rows = [
    costRow(usual),
    falseAlarmRow([mergeWindows(usual.windows)], 'that comes by chance'),
    falseAlarmRow(usual.windows, 'that comes in lots'),
  ];
  for (const scenario of scenarioNames) {
    const windows = baselineWindows + scenarioWindows;
    const options = { model, seed, windows, windowFruits, scenario, scenarioAfter: baselineWindows };
    rows.push(delayRow(scenario, kindsOf((await recordWindows(options)).windows)));
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
    const kinds = kindsOf(windows);
    // An episode is one alarm, however long.
    alarms += kinds.filter((kind, at) => kind !== undefined && kinds[at - 1] === undefined).length;
  }
  return {
    name: `false alarms in ${simulatedLines * windowsPerLine} windows of unchanged fruit ${name}`,
    ...{ value: alarms, unit: 'alarms', peer: null, peerValue: null, ratio: null },
  };
}

function delayRow(scenario: string, kinds: readonly (DriftKind | undefined)[]): Row {
  const at = kinds.findIndex((kind) => kind !== undefined);
  const kind = kinds.findLast((each) => each !== undefined);
  return {
    name: at < 0 ? `${scenario}: not seen` : `${scenario}: seen as ${kind}`,
    ...{ value: at < 0 ? kinds.length : at + 1, unit: 'windows', peer: null, peerValue: null, ratio: null },
  };
}

/** What is said after each window behind the baseline. */
function kindsOf(windows: readonly DriftWindow[]): (DriftKind | undefined)[] {
  const baseline = baselineOf(windows.slice(0, baselineWindows), seededRandom(seed, 'drift-limits'));
  const verdicts = windows.slice(baselineWindows).map((window) => judgeWindow(baseline, window));
  return verdicts.map((_, at) => driftOf(baseline, verdicts.slice(0, at + 1))?.kind);
}
