/** What a demo achieved, as one object for a program and as a page for a person. */
import { type AlertView, counted, type ModelView, type StationView } from '@pomona/wire';
import { percent } from '../describe-model.ts';
import { table } from '../output.ts';
import { describeScenario, type ScenarioSummary } from './scenario-watch.ts';
import type { LineScore } from './score-line.ts';

export interface DemoSummary {
  readonly fruits: number;
  /** Of all fruits that passed; one that was never graded counts as wrong. */
  readonly accuracy: number;
  /** Of the fruits that are not within a quarter of a limit between two grades. */
  readonly accuracyClear: number;
  /** Share of the bad fruit that was graded good. */
  readonly badAsGood: number;
  readonly missedFruits: number;
  readonly phantomFruits: number;
  /** truth → graded → count */
  readonly confusion: LineScore['confusion'];
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly missedDeadlines: number;
  /** Raised during this run, newest first. */
  readonly alerts: readonly Pick<AlertView, 'kind' | 'station' | 'title' | 'openedAt'>[];
  /** Of statistics, that are kept for the release; of this run and of earlier ones. */
  readonly driftWindows: number;
  /** What was to be shown, and what was. */
  readonly scenario?: ScenarioSummary;
  /** Samples that this run labelled with the truth. */
  readonly labelledSamples: number;
  readonly releaseBytes: number;
  readonly modelDigest: string;
  readonly modelAccuracyHeldOut: number;
  readonly trainImagesPerSecond: number;
  readonly agents: readonly {
    readonly station: string;
    readonly fruits: number;
    readonly rssMb: number;
    readonly cpuPercent: number;
  }[];
}

export interface DemoResult {
  readonly alerts: DemoSummary['alerts'];
  readonly score: LineScore;
  readonly latenciesMs: readonly number[];
  readonly missedDeadlines: number;
  readonly labelledSamples: number;
  readonly model: ModelView;
  readonly stations: readonly StationView[];
}

export function summarise({
  alerts,
  score,
  latenciesMs,
  missedDeadlines,
  labelledSamples,
  model,
  stations,
}: DemoResult): Omit<DemoSummary, 'driftWindows' | 'scenario'> {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return {
    alerts,
    fruits: score.fruits,
    accuracy: ratio(score.correct, score.fruits),
    accuracyClear: ratio(score.clearCorrect, score.clear),
    badAsGood: ratio(score.badAsGood, score.bad),
    missedFruits: score.missed,
    phantomFruits: score.phantom,
    confusion: score.confusion,
    latencyMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
    missedDeadlines,
    labelledSamples,
    releaseBytes: model.releaseBytes,
    modelDigest: model.digest,
    modelAccuracyHeldOut: model.evaluation.accuracy,
    trainImagesPerSecond: model.trainImagesPerSecond,
    agents: stations.map((view) => ({
      station: view.station,
      fruits: view.fruits,
      rssMb: view.health?.rssMb ?? 0,
      cpuPercent: view.health?.cpuPercent ?? 0,
    })),
  };
}

export function describeSummary(summary: DemoSummary, labels: readonly string[]): string {
  const lost = [
    summary.missedFruits > 0 ? `, ${summary.missedFruits} not graded` : '',
    summary.phantomFruits > 0 ? `, ${summary.phantomFruits} graded without a fruit` : '',
  ].join('');
  return [
    '',
    `fruits      ${summary.fruits}${lost}`,
    `accuracy    ${percent(summary.accuracy)} of all, ${percent(summary.accuracyClear)} of those clear of a limit`,
    `bad as good ${percent(summary.badAsGood)} of the bad fruit`,
    `latency     p50 ${summary.latencyMs.p50.toFixed(1)} ms, p99 ${summary.latencyMs.p99.toFixed(1)} ms, capture to decision`,
    `alerts      ${summary.alerts.map(({ kind, station }) => `${kind} ${station ?? ''}`).join(', ') || 'none'}; ${counted(summary.driftWindows, 'window')} of statistics`,
    ...(summary.scenario === undefined ? [] : describeScenario(summary.scenario)),
    `deadlines   ${summary.missedDeadlines} missed`,
    ...(summary.labelledSamples === 0
      ? []
      : [`labelled    ${counted(summary.labelledSamples, 'sample')}, by the truth`]),
    `model       ${summary.modelDigest.slice(0, 12)}, release of ${summary.releaseBytes} bytes, ` +
      `trained at ${Math.round(summary.trainImagesPerSecond)} images/s, ${percent(summary.modelAccuracyHeldOut)} held out`,
    `agents      ${summary.agents.map(describeAgent).join('; ')}`,
    '',
    table(
      ['truth \\ graded', ...labels],
      Object.entries(summary.confusion).map(([truth, row]) => [
        truth,
        ...labels.map((label) => row[label] ?? 0),
      ]),
    ),
  ].join('\n');
}

function describeAgent(agent: DemoSummary['agents'][number]): string {
  return `${agent.station} ${counted(agent.fruits, 'fruit')}, ${agent.rssMb.toFixed(0)} MB, ${agent.cpuPercent.toFixed(0)} % cpu`;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Nearest rank; 0 for an empty list. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
