import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import styles from './recent-panel.module.css';

interface CurvesProps {
  readonly label: string;
  readonly epochs: readonly number[];
  readonly train: readonly number[];
  readonly validation: readonly (number | null)[];
  readonly format?: (value: number) => string;
}

/** A figure by epoch: of the train split as a line, of validation as a dashed one. */
export function Curves({ label, epochs, train, validation, format = String }: CurvesProps) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the style sheet when it draws.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
    const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 } };
    const plot = new uPlot(
      {
        ...size(),
        padding: [8, 12, 0, 0],
        scales: { x: { time: false } },
        legend: { show: false },
        axes: [
          { ...axis, size: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] },
          { ...axis, size: 52, values: (_self, splits) => splits.map(format) },
        ],
        series: [
          {},
          { label: 'train', stroke: colour('--ink-soft'), width: 2 },
          { label: 'validation', stroke: colour('--ink'), width: 2, dash: [6, 4] },
        ],
      },
      [[...epochs], [...train], [...validation]],
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize(size()));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [epochs, train, validation, format, scheme]);
  return <div ref={box} className={styles.plot} role="img" aria-label={label} />;
}
