import type { StationView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { fruitsQuery, stationQuery } from '../data/queries.ts';
import { formatCount, formatRate } from '../domain/format.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { Condition } from '../parts/condition.tsx';
import { DesiredPanel } from '../parts/desired-panel.tsx';
import { DevicePanel } from '../parts/device-panel.tsx';
import { DriftPanel } from '../parts/drift-panel.tsx';
import { Figure } from '../parts/figure.tsx';
import { FruitStream } from '../parts/fruit-stream.tsx';
import { HealthPanel } from '../parts/health-panel.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareBar } from '../parts/share-bar.tsx';
import styles from './page.module.css';
import { Page } from './page.tsx';

/** One place on a line: what it should run, what it runs, how it fares, what it saw last. */
export function StationPage({ station }: { readonly station: string }) {
  const view = useQuery(stationQuery(station));
  return (
    <Page title={station} note={view.data && <Where view={view.data} />}>
      <Answer query={view} height={420}>
        {(data) => <Parts view={data} />}
      </Answer>
    </Page>
  );
}

function Where({ view }: { readonly view: StationView }) {
  return (
    <>
      {view.site} / {view.line} · <Condition station={view} />
      {view.lastSeenAt !== null && (
        <>
          , seen <Ago at={view.lastSeenAt} />
        </>
      )}
    </>
  );
}

function Parts({ view }: { readonly view: StationView }) {
  const fruits = useQuery(fruitsQuery(view.station));
  return (
    <>
      <Panel title="Grading">
        <div className={styles.hero}>
          <dl className={styles.heroFigures}>
            <Figure label="Fruits graded" value={formatCount(view.fruits)} size="large" />
            <Figure label="Per second" value={formatRate(view.fruitsPerSecond)} size="large" />
          </dl>
          <div>
            <ShareBar grades={view.grades} of={`Share of the fruits of ${view.station} by grade`} />
          </div>
        </div>
      </Panel>
      <div className={styles.half}>
        <div className={styles.stack}>
          <DesiredPanel view={view} />
          <DevicePanel view={view} />
        </div>
        <div className={styles.stack}>
          <DriftPanel station={view.station} />
          <HealthPanel view={view} />
        </div>
      </div>
      <Answer query={fruits} height={300}>
        {(list) => <FruitStream fruits={list} rows={25} kind="station" />}
      </Answer>
    </>
  );
}
