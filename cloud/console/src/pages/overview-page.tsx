import type { Overview } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { fruitsQuery, overviewQuery } from '../data/queries.ts';
import { formatCount, formatRate } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { Figure } from '../parts/figure.tsx';
import { FruitStream } from '../parts/fruit-stream.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { RecentPanel } from '../parts/recent-panel.tsx';
import { RejectedNotice } from '../parts/rejected-notice.tsx';
import { ShareBar } from '../parts/share-bar.tsx';
import { StationsTable } from '../parts/stations-table.tsx';
import styles from './page.module.css';
import { Page } from './page.tsx';

/** What the lines do now. */
export function OverviewPage() {
  const overview = useQuery(overviewQuery);
  return (
    <Page title="Overview">
      <Answer query={overview} height={420}>
        {(data) => <Live overview={data} />}
      </Answer>
    </Page>
  );
}

function Live({ overview }: { readonly overview: Overview }) {
  const fruits = useQuery(fruitsQuery());
  if (overview.stations.length === 0 && overview.fruits === 0) return <NoStation overview={overview} />;
  return (
    <>
      <Panel title="Grading">
        <div className={styles.hero}>
          <dl className={styles.heroFigures}>
            <Figure label="Fruits graded" value={formatCount(overview.fruits)} size="large" />
            <Figure label="Per second" value={formatRate(overview.fruitsPerSecond)} size="large" />
          </dl>
          <div>
            <ShareBar grades={overview.grades} of="Share of all fruits by grade" />
          </div>
        </div>
      </Panel>
      <RejectedNotice rejected={overview.rejectedMessages} />
      <div className={styles.wide}>
        <RecentPanel overview={overview} />
        <Answer query={fruits} height={300}>
          {(list) => <FruitStream fruits={list} rows={9} kind="stream" />}
        </Answer>
      </div>
      <StationsTable stations={overview.stations} />
    </>
  );
}

function NoStation({ overview }: { readonly overview: Overview }) {
  return (
    <>
      <Notice tone="calm" title="No station yet.">
        <p>
          Run <code>pnpm pomona station enrol SITE/LINE/STATION</code> and carry the claim that it gives out
          to the device; or see everything at work on this machine with <code>pnpm demo</code>. The station
          appears here by itself.
        </p>
      </Notice>
      <RejectedNotice rejected={overview.rejectedMessages} />
    </>
  );
}
