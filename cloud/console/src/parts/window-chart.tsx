import type { DriftWindowView } from '@pomona/wire';
import { type ReactNode, useState } from 'react';
import { formatCounted, formatDateTime, none } from '../domain/format.ts';
import { Panel } from './panel.tsx';
import styles from './window-plot.module.css';
import type { WindowSeries } from './window-plot.tsx';
import { WindowPlot } from './window-plot.tsx';

interface WindowChartProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly windows: readonly DriftWindowView[];
  readonly series: readonly WindowSeries[];
  readonly format: (value: number) => string;
  /** Of the axis; as `format` unless named. */
  readonly formatAxis?: (value: number) => string;
  readonly range?: ((min: number, max: number) => readonly [number, number]) | undefined;
  readonly children?: ReactNode;
}

/** Figures over windows in a panel of their own; the legend tells those of the newest, or of the window under the pointer. */
export function WindowChart(props: WindowChartProps) {
  const { title, note, windows, series, format, formatAxis = format, range, children } = props;
  const [under, setUnder] = useState<number>();
  const index = under ?? windows.length - 1;
  const shown = windows[index];
  return (
    <Panel title={title} note={note}>
      <WindowPlot
        label={`${title} over windows`}
        windows={windows}
        series={series}
        format={formatAxis}
        onUnder={setUnder}
        range={range}
      />
      <div className={styles.legend}>
        {series.map(({ label, colour, dashed, values }) => (
          <span key={label} className={styles.entry}>
            <span
              className={styles.line}
              data-dashed={dashed}
              style={{ borderColor: `var(${colour})` }}
              aria-hidden="true"
            />
            {label}
            <strong>{textOf(values[index], format)}</strong>
          </span>
        ))}
        {shown !== undefined && (
          <span className={styles.when}>
            {under === undefined ? 'newest window, ' : ''}
            {formatCounted(shown.fruits, 'fruit')} until {formatDateTime(shown.to)}
          </span>
        )}
      </div>
      {children}
    </Panel>
  );
}

function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? none : format(value);
}
