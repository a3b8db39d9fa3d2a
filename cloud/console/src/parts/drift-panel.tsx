import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { driftsQuery } from '../data/queries.ts';
import { Answer } from './answer.tsx';
import { DriftVerdict } from './drift-verdict.tsx';
import { Panel } from './panel.tsx';

/** Whether one station is still right, with the way to its windows. */
export function DriftPanel({ station }: { readonly station: string }) {
  const drifts = useQuery(driftsQuery);
  return (
    <Panel
      title="Drift"
      note="compared with its own baseline"
      actions={
        <Link to="/drift/$station" params={{ station }}>
          Charts
        </Link>
      }
    >
      <Answer query={drifts} height={60}>
        {(all) => {
          const drift = all.find((each) => each.station === station);
          return drift === undefined ? <p>Nothing is known of it.</p> : <DriftVerdict drift={drift} />;
        }}
      </Answer>
    </Panel>
  );
}
