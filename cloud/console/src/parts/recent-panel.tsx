import type { Overview } from '@pomona/wire';
import { useState } from 'react';
import { useLive, useServerNow } from '../data/live.tsx';
import { bucketMs } from '../domain/fold-events.ts';
import { formatClock, formatCount } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { type RecentChart, recentChart } from '../domain/recent-chart.ts';
import { GradeMark } from './grade-mark.tsx';
import { Panel } from './panel.tsx';
import styles from './recent-panel.module.css';
import { RecentPlot } from './recent-plot.tsx';

/** The last five minutes by grade. Stands still while the connection is lost. */
export function RecentPanel({ overview }: { readonly overview: Overview }) {
  const nowMs = useServerNow();
  const { phase, sinceMs } = useLive();
  const [under, setUnder] = useState<number | undefined>(undefined);
  const grades = orderGrades([
    ...overview.grades.map(({ grade }) => grade),
    ...overview.recent.flatMap((bucket) => bucket.grades.map(({ grade }) => grade)),
  ]);
  const chart = recentChart(overview.recent, grades, phase === 'lost' ? Math.min(nowMs, sinceMs) : nowMs);
  return (
    <Panel title="Last five minutes" note="fruits per ten seconds">
      <RecentPlot chart={chart} grades={grades} label={spoken(chart, grades)} onUnder={setUnder} />
      <Legend chart={chart} grades={grades} under={under} />
    </Panel>
  );
}

interface LegendProps {
  readonly chart: RecentChart;
  readonly grades: readonly string[];
  readonly under: number | undefined;
}

function Legend({ chart, grades, under }: LegendProps) {
  const startS = under === undefined ? undefined : chart.startS[under];
  return (
    <div className={styles.legend}>
      {grades.map((grade, row) => (
        <span key={grade} className={styles.entry}>
          <GradeMark grade={grade} labels={grades} />
          <strong>
            {formatCount(under === undefined ? sum(chart.counts[row]) : (chart.counts[row]?.[under] ?? 0))}
          </strong>
        </span>
      ))}
      <span className={styles.when}>
        {startS === undefined
          ? 'in five minutes'
          : `${formatClock(startS * 1000)} to ${formatClock(startS * 1000 + bucketMs)}`}
      </span>
    </div>
  );
}

function spoken(chart: RecentChart, grades: readonly string[]): string {
  const totals = grades.map((grade, row) => `${grade} ${formatCount(sum(chart.counts[row]))}`).join(', ');
  return `Fruits of the last five minutes by grade: ${totals || 'none'}`;
}

function sum(values: readonly number[] | undefined): number {
  return values?.reduce((total, value) => total + value, 0) ?? 0;
}
