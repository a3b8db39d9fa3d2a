import { useComputedColorScheme } from '@mantine/core';
import type { TuneTrial } from '@pomona/wire';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import styles from './window-plot.module.css';

interface TrialsPlotProps {
  readonly trials: readonly TuneTrial[];
  readonly chosen: TuneTrial | undefined;
}

/** Accuracy against the time of a view; those that no other beats in both are joined. */
export function TrialsPlot({ trials, chosen }: TrialsPlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the style sheet when it draws.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new uPlot(optionsOf(element), dataOf(trials, chosen), element);
    const watch = new ResizeObserver(() => plot.setSize(sizeOf(element)));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [trials, chosen, scheme]);
  return (
    <>
      <div ref={box} className={styles.plot} role="img" aria-label="Accuracy against time of a view" />
      <div className={styles.legend}>
        <span className={styles.entry}>
          <svg width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="4" fill="none" stroke="var(--ink-soft)" strokeWidth="2" />
          </svg>
          tried
        </span>
        <span className={styles.entry}>
          <svg width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="5" fill="var(--accent)" />
          </svg>
          no other is as good and as fast
        </span>
        <span className={styles.entry}>
          <svg width="14" height="14" aria-hidden="true">
            <circle cx="7" cy="7" r="5" fill="var(--grade-1)" stroke="var(--ink)" strokeWidth="2" />
          </svg>
          chosen
        </span>
        <span className={styles.when}>macro-F1 over the time of a view on this machine</span>
      </div>
    </>
  );
}

function dataOf(trials: readonly TuneTrial[], chosen: TuneTrial | undefined): uPlot.AlignedData {
  const sorted = trials.toSorted((a, b) => a.msPerView - b.msPerView);
  const isChosen = ({ trial, epochs }: TuneTrial) => trial === chosen?.trial && epochs === chosen.epochs;
  const where = (fits: (trial: TuneTrial) => boolean) =>
    sorted.map((trial) => (fits(trial) ? trial.macroF1 : null));
  return [
    sorted.map(({ msPerView }) => msPerView),
    where((trial) => !trial.isOnFront),
    where((trial) => trial.isOnFront),
    where(isChosen),
  ];
}

function sizeOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** Room around the lowest and the highest, also where there is one alone. */
function accuracyRange(_plot: uPlot, low: number, high: number): [number, number] {
  const room = Math.max(0.02, (high - low) * 0.15);
  return [Math.max(0, low - room), Math.min(1, high + room)];
}

function optionsOf(element: HTMLElement): uPlot.Options {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
  const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 } };
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  const alone = { paths: () => null };
  return {
    ...sizeOf(element),
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_plot, _low, high) => [0, high * 1.1] },
      y: { range: accuracyRange },
    },
    axes: [
      { ...axis, size: 30, values: (_plot, splits) => splits.map((ms) => `${Number(ms.toPrecision(3))} ms`) },
      { ...axis, size: 60, values: (_plot, splits) => splits.map(percent) },
    ],
    series: [
      {},
      {
        ...alone,
        stroke: colour('--ink-soft'),
        points: { show: true, size: 9, width: 2, fill: colour('--panel') },
      },
      {
        stroke: colour('--accent'),
        ...{ width: 1.5, dash: [4, 4], spanGaps: true },
        points: { show: true, size: 11, fill: colour('--accent') },
      },
      {
        ...alone,
        stroke: colour('--ink'),
        points: { show: true, size: 12, width: 2, fill: colour('--grade-1') },
      },
    ],
  };
}
