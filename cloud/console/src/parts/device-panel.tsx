import type { CertificateState, Reported, StationView } from '@pomona/wire';
import { formatClock, formatCounted, formatDate, none } from '../domain/format.ts';
import styles from './device-panel.module.css';
import { Digest } from './digest.tsx';
import { Facts } from './facts.tsx';
import { Panel } from './panel.tsx';
import { ReleaseName } from './release-name.tsx';

/** What serves the station now, and the releases that it has. */
export function DevicePanel({ view }: { readonly view: StationView }) {
  const { reported, status, health } = view;
  return (
    <Panel title="Device">
      <Facts
        facts={[
          ['Board', status?.board ?? none],
          ['Agent', status?.agentVersion ?? none],
          ['Clock', status?.clock ?? none],
          ['Certificate', <Certificate key="certificate" certificate={health?.certificate} />],
          ['Variant', reported?.running?.variant ?? none],
          ['Chosen because', reported?.running?.why ?? none],
          ['Recipe', reported?.recipeVersion ? `v${reported.recipeVersion}` : none],
          ...slotFacts(reported),
          ['Probation', probationText(reported?.probation)],
          ['Refused', <Refused key="refused" digests={reported?.refused ?? []} />],
        ]}
      />
    </Panel>
  );
}

function Certificate({ certificate }: { readonly certificate: CertificateState | undefined }) {
  if (certificate === undefined) return none;
  const { endsAt, trouble } = certificate;
  return (
    <>
      good until {formatDate(endsAt)}
      {trouble !== undefined && <div className={styles.trouble}>No new one comes: {trouble}</div>}
    </>
  );
}

function slotFacts(reported: Reported | null) {
  return (reported?.slots ?? []).map(({ name, release, state }) => {
    return [`Slot ${name.toUpperCase()}`, <Slot key={name} release={release} state={state} />] as const;
  });
}

function Slot({ release, state }: Pick<NonNullable<Reported['slots']>[number], 'release' | 'state'>) {
  if (release === null) return 'empty';
  return (
    <>
      <ReleaseName release={release} /> {state === 'running' ? 'runs' : 'ran before'}
    </>
  );
}

function probationText(probation: Reported['probation']): string {
  if (!probation) return none;
  return `until ${formatClock(probation.until)}, or ${formatCounted(probation.fruits, 'fruit')} in time`;
}

/** Releases that were rolled back here. */
function Refused({ digests }: { readonly digests: readonly string[] }) {
  if (digests.length === 0) return none;
  return digests.map((digest) => (
    <span key={digest}>
      <Digest digest={digest} />{' '}
    </span>
  ));
}
