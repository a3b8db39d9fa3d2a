import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { driftNewestQuery } from '../data/queries.ts';
import { Answer } from './answer.tsx';
import { DriftVerdict } from './drift-verdict.tsx';
import { Panel } from './panel.tsx';

/** Whether one station is still right, with the way to its windows. */
export function DriftPanel({ station }: { readonly station: string }) {
  const drift = useQuery(driftNewestQuery(station));
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
      <Answer query={drift} height={60}>
        {(summary) => <DriftVerdict drift={summary} />}
      </Answer>
    </Panel>
  );
}
