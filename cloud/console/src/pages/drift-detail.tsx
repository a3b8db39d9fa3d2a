import type { DriftDetail } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { driftQuery } from '../data/queries.ts';
import { accuracyColumns, gradeSharesOf, scoreOf } from '../domain/drift-columns.ts';
import { statisticWords, timesLimit } from '../domain/drift-words.ts';
import { formatPercent } from '../domain/format.ts';
import { gradeStyle } from '../domain/grade-style.ts';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import { WindowChart } from '../parts/window-chart.tsx';
import { DriftBelt } from './drift-belt.tsx';
import { DriftStatistics } from './drift-statistics.tsx';
import styles from './page.module.css';

/** Every window that is kept of one station, as charts. */
export function DriftDetailPanels({ station }: { readonly station: string }) {
  const detail = useQuery(driftQuery(station));
  return (
    <Answer query={detail} height={420}>
      {(data) => (data.windows.length === 0 ? <ToCome station={station} /> : <Charts detail={data} />)}
    </Answer>
  );
}

function ToCome({ station }: { readonly station: string }) {
  return (
    <Panel title={`Windows of ${station}`}>
      <p>
        Here will stand, window by window: how far brightness, colour, size, sharpness and the model’s
        confidence are from the baseline, the share of each grade, the accuracy that the model expects of
        itself, and the colour of the belt.
      </p>
    </Panel>
  );
}

const wholePercent = (share: number) => `${Math.round(share * 100)} %`;
const tenths = (score: number) => score.toFixed(score < 1 ? 2 : 1);
const fromZero = (_min: number, max: number) => [0, Math.max(max * 1.1, 0.2)] as const;

function Charts({ detail }: { readonly detail: DriftDetail }) {
  const { windows, station } = detail;
  const [chosen, setChosen] = useState<string>();
  const name = chosen ?? furthest(detail);
  const words = statisticWords(name);
  const { score, limit } = scoreOf(windows, name);
  const shares = gradeSharesOf(detail);
  const labels = shares.map(({ grade }) => grade);
  const { estimated, least } = accuracyColumns(windows);
  return (
    <>
      <div className={styles.wide}>
        <DriftStatistics detail={detail} chosen={name} onChoose={setChosen} />
        <div className={styles.stack}>
          <WindowChart
            title={`${words.name} of ${station}`}
            note="how unlike the baseline; 0 is the same"
            windows={windows}
            series={[
              { label: 'difference', values: score, colour: '--ink' },
              { label: 'limit', values: limit, colour: '--warn', dashed: true },
            ]}
            format={tenths}
            range={fromZero}
          >
            <p className={table.soft}>
              Grey: the baseline, nothing is judged. Yellow: a drift. Above the limit for three windows of
              five, or far above for two, is one. The difference is the population stability index.
            </p>
          </WindowChart>
          <DriftBelt detail={detail} />
        </div>
      </div>
      <div className={styles.half}>
        <WindowChart
          title="Share of each grade"
          note="dashed: in the baseline"
          windows={windows}
          series={shares.flatMap(({ grade, share, usual }) => {
            const { colour } = gradeStyle(grade, labels);
            const line = { label: grade, values: share, colour };
            if (usual === null) return [line];
            return [
              line,
              { label: `${grade}, usual`, values: windows.map(() => usual), colour, dashed: true },
            ];
          })}
          format={formatPercent}
          formatAxis={wholePercent}
          range={(_min, max) => [0, Math.min(1, max * 1.1)]}
        />
        <WindowChart
          title="Estimated accuracy"
          note="at the baseline’s mix of grades"
          windows={windows}
          series={[
            { label: 'estimated', values: estimated, colour: '--ink' },
            { label: 'least it should be', values: least, colour: '--warn', dashed: true },
          ]}
          format={formatPercent}
          formatAxis={wholePercent}
          range={(min, max) => [Math.max(0, Math.min(min, 0.9) - 0.05), Math.min(1, max + 0.05)]}
        >
          <p className={table.soft}>
            Not measured: it is how sure the model is of itself. It hardly falls when a lamp fails or fruit
            comes that the model never saw.
          </p>
        </WindowChart>
      </div>
    </>
  );
}

/** What is furthest beyond its limit now: the first that somebody wants to see. */
function furthest({ windows }: DriftDetail): string {
  const figures = windows.at(-1)?.statistics ?? [];
  return figures.toSorted((a, b) => (timesLimit(b) ?? 0) - (timesLimit(a) ?? 0))[0]?.name ?? 'luma';
}
