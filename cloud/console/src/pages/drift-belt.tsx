import type { DriftDetail } from '@pomona/wire';
import { none } from '../domain/format.ts';
import { Panel } from '../parts/panel.tsx';
import { WindowChart } from '../parts/window-chart.tsx';
import styles from './drift-page.module.css';

const channels = [
  { name: 'red', colour: '--grade-2' },
  { name: 'green', colour: '--good' },
  { name: 'blue', colour: '--grade-3' },
] as const;
type Channel = (typeof channels)[number]['name'];

/** The belt between the fruit: no fruit changes its colour, so when it changes it is the light, the lens or the belt. */
export function DriftBelt({ detail: { windows } }: { readonly detail: DriftDetail }) {
  const newest = windows.at(-1)?.belt;
  if (newest === undefined || windows.every(({ belt }) => belt.red.value === null))
    return (
      <Panel title="Colour of the belt">
        <p>This station does not know the colour of its belt, so light and fruit are harder to tell apart.</p>
      </Panel>
    );
  const usual = (channel: Channel) => newest[channel].expected;
  const now = (channel: Channel) => newest[channel].value;
  return (
    <WindowChart
      title="Colour of the belt"
      note="dashed: in the baseline"
      windows={windows}
      series={channels.flatMap(({ name, colour }) => {
        const expected = usual(name);
        const line = { label: name, values: windows.map(({ belt }) => belt[name].value), colour };
        if (expected === null) return [line];
        return [line, { label: `${name}, usual`, values: windows.map(() => expected), colour, dashed: true }];
      })}
      format={(value) => value.toFixed(0)}
      range={(min, max) => [Math.max(0, min - 8), Math.min(255, max + 8)]}
    >
      <p className={styles.swatches}>
        <Swatch name="usual" of={usual} />
        <Swatch name="now" of={now} />
        <span>No fruit changes the belt: when this moves, it is the light, the lens or the belt itself.</span>
      </p>
    </WindowChart>
  );
}

function Swatch({ name, of }: { readonly name: string; readonly of: (channel: Channel) => number | null }) {
  const rgb = channels.map((channel) => of(channel.name));
  const isKnown = rgb.every((value) => value !== null);
  return (
    <span className={styles.swatch}>
      {isKnown && <span style={{ background: `rgb(${rgb.join(' ')})` }} aria-hidden="true" />}
      {isKnown ? name : `${name} ${none}`}
    </span>
  );
}
