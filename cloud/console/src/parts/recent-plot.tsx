import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useRef } from 'react';
import uPlot from 'uplot';
import { bucketMs, recentMs } from '../domain/fold-events.ts';
import { gradeStyle } from '../domain/grade-style.ts';
import type { RecentChart } from '../domain/recent-chart.ts';
import styles from './recent-panel.module.css';

interface RecentPlotProps {
  readonly chart: RecentChart;
  readonly grades: readonly string[];
  readonly label: string;
  /** The bucket under the pointer. */
  readonly onUnder: (index: number | undefined) => void;
}

/** The plot alone; uPlot lives as long as the set of grades stays the same. */
export function RecentPlot({ chart, grades, label, onUnder }: RecentPlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const under = useEffectEvent(onUnder);
  const current = useEffectEvent(() => dataOf(chart));
  const key = grades.join(' ');

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(key === '' ? [] : key.split(' '), element, under), current(), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize(sizeOf(element)));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [key]);

  useEffect(() => plot.current?.setData(dataOf(chart)), [chart]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the style sheet when it draws.
  useEffect(() => plot.current?.redraw(), [scheme]);

  return <div ref={box} className={styles.plot} role="img" aria-label={label} />;
}

/** The highest pile first, so that the lower ones are drawn over it. */
function dataOf(chart: RecentChart): uPlot.AlignedData {
  return [[...chart.startS], ...chart.stacked.map((row) => [...row]).reverse()];
}

function sizeOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

function optionsOf(
  grades: readonly string[],
  element: HTMLElement,
  onUnder: (index: number | undefined) => void,
): uPlot.Options {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
  const bars = uPlot.paths.bars;
  if (bars === undefined) throw new Error('this uPlot has no bars');
  return {
    ...sizeOf(element),
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    hooks: { setCursor: [(self) => onUnder(bucketUnder(self))] },
    scales: {
      x: { range: (_self, _min, max) => [max + bucketMs / 1000 - recentMs / 1000, max + bucketMs / 1000] },
      y: { range: (_self, _min, max) => [0, Math.max(max * 1.1, 5)] },
    },
    axes: [
      {
        stroke: colour('--ink-soft'),
        grid: { show: false },
        ticks: { show: false },
        space: 90,
        size: 28,
        values: (_self, splits) => splits.map((s) => timeFormat.format(s * 1000)),
      },
      {
        stroke: colour('--ink-soft'),
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
        size: 40,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000],
      },
    ],
    series: [
      {},
      ...grades.toReversed().map((grade) => ({
        label: grade,
        fill: colour(gradeStyle(grade, grades).colour),
        width: 0,
        paths: bars({ size: [0.78, Number.POSITIVE_INFINITY], align: 1 }),
        points: { show: false },
      })),
    ],
  };
}

/** A bar begins at its time, so the bar under the pointer is not always the nearest time. */
function bucketUnder(self: uPlot): number | undefined {
  const left = self.cursor.left ?? -1;
  const firstS = self.data[0][0];
  if (left < 0 || firstS === undefined) return undefined;
  return Math.floor(((self.posToVal(left, 'x') - firstS) * 1000) / bucketMs);
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
