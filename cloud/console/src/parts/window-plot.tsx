import { useComputedColorScheme } from '@mantine/core';
import type { DriftWindowView } from '@pomona/wire';
import { useEffect, useEffectEvent, useRef } from 'react';
import uPlot from 'uplot';
import styles from './window-plot.module.css';

export interface WindowSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of a CSS custom property. */
  readonly colour: `--${string}`;
  /** For what a value is held against. */
  readonly dashed?: boolean;
}

interface WindowPlotProps {
  readonly label: string;
  readonly windows: readonly Pick<DriftWindowView, 'to' | 'verdict'>[];
  readonly series: readonly WindowSeries[];
  readonly format: (value: number) => string;
  readonly range?: ((min: number, max: number) => readonly [number, number]) | undefined;
  /** The window under the pointer. */
  readonly onUnder?: (index: number | undefined) => void;
}

/** Lines over windows, each as wide as the next however long it took. The baseline's windows and those with a drift are shaded. */
export function WindowPlot({ label, windows, series, format, range, onUnder }: WindowPlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const under = useEffectEvent((index: number | undefined) => onUnder?.(index));
  const options = useEffectEvent((element: HTMLElement) =>
    optionsOf(element, { windows, series, format, range }, under),
  );
  const data = JSON.stringify([windows.map((_, i) => i), ...series.map(({ values }) => values)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the style sheet when it draws.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new uPlot(options(element), JSON.parse(data) as uPlot.AlignedData, element);
    const watch = new ResizeObserver(() => plot.setSize(sizeOf(element)));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [data, scheme]);
  return <div ref={box} className={styles.plot} role="img" aria-label={label} />;
}

function sizeOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

function optionsOf(
  element: HTMLElement,
  { windows, series, format, range }: Pick<WindowPlotProps, 'windows' | 'series' | 'format' | 'range'>,
  onUnder: (index: number | undefined) => void,
): uPlot.Options {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
  const axis = { stroke: colour('--ink-soft'), ticks: { show: false } };
  return {
    ...sizeOf(element),
    padding: [8, 44, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    hooks: {
      drawClear: [(self) => shade(self, windows, colour)],
      setCursor: [({ cursor }) => onUnder((cursor.left ?? -1) < 0 ? undefined : (cursor.idx ?? undefined))],
    },
    scales: {
      x: { time: false, range: [-0.5, Math.max(windows.length, 2) - 0.5] },
      y: { range: (_self, min, max) => [...(range ?? around)(min, max)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100],
        space: 90,
        size: 28,
        values: (_self, splits) => splits.map((i) => timeOf(windows, i)),
      },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        size: 52,
        values: (_self, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name, dashed = false }) => ({
        label,
        stroke: colour(name),
        ...{ width: dashed ? 1.5 : 2, dash: dashed ? [6, 4] : [] },
        points: dashed ? { show: false } : { show: true, size: 5, fill: colour(name) },
      })),
    ],
  };
}

function shade(
  { ctx, valToPos, bbox: { top, height } }: uPlot,
  windows: WindowPlotProps['windows'],
  colour: (name: string) => () => string,
): void {
  const shades = { baseline: '--sunken', drift: '--warn-soft' } as const;
  for (const [i, { verdict }] of windows.entries()) {
    if (verdict !== 'baseline' && verdict !== 'drift') continue;
    const left = Math.round(valToPos(i - 0.5, 'x', true));
    ctx.fillStyle = colour(shades[verdict])();
    ctx.fillRect(left, top, Math.round(valToPos(i + 0.5, 'x', true)) - left, height);
  }
}

/** All values with some room, also when there is one or none. */
function around(min: number, max: number): [number, number] {
  const room = Math.max((max - min) * 0.1, Math.abs(max) * 0.02, 0.01);
  return [min - room, max + room];
}

/** With its day, unless all windows are of one. */
function timeOf(windows: WindowPlotProps['windows'], index: number): string {
  const at = windows[index]?.to;
  if (at === undefined) return '';
  const days = new Set(windows.map(({ to }) => new Date(to).toDateString()));
  return (days.size === 1 ? timeFormat : dayFormat).format(new Date(at));
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short' },
  ...{ hour: '2-digit', minute: '2-digit' },
});
