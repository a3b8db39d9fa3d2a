import type { Overview } from '@pomona/wire';
import { formatCount, formatCounted } from '../domain/format.ts';
import { DataTable } from './data-table.tsx';
import styles from './rejected-notice.module.css';
import table from './table.module.css';

const rowsMost = 8;

/** Messages that were not understood or not allowed, when there are any. */
export function RejectedNotice({ rejected }: { readonly rejected: Overview['rejectedMessages'] }) {
  if (rejected.length === 0) return null;
  const total = rejected.reduce((sum, { count }) => sum + count, 0);
  const shown = rejected.toSorted((a, b) => b.count - a.count).slice(0, rowsMost);
  return (
    <details className={styles.rejected}>
      <summary>
        <strong>{formatCounted(total, 'message')} rejected</strong>
        <span>counted and left out; the control plane’s log has the first of each kind</span>
      </summary>
      <DataTable>
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <th scope="col">Station</th>
            <th scope="col">Channel</th>
            <th scope="col" className={table.number}>
              Messages
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ station, channel, cause, count }) => (
            <tr key={`${station} ${channel} ${cause}`}>
              <td>{cause}</td>
              <td>{station ?? 'unknown'}</td>
              <td>{channel ?? 'unknown'}</td>
              <td className={table.number}>{formatCount(count)}</td>
            </tr>
          ))}
        </tbody>
      </DataTable>
      {rejected.length > rowsMost && <p>And {formatCounted(rejected.length - rowsMost, 'rarer cause')}.</p>}
    </details>
  );
}
