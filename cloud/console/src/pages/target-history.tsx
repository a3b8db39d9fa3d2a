import type { ProjectTargets, ProjectView } from '@pomona/wire';
import { formatDateTime, none } from '../domain/format.ts';
import { changeWords, type TargetField } from '../domain/target-fields.ts';
import { DataTable } from '../parts/data-table.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';

interface TargetHistoryProps {
  /** Newest first. */
  readonly versions: readonly ProjectView[];
  readonly defaults: ProjectTargets;
  readonly fields: readonly TargetField[];
}

/** Who changed what, and when. */
export function TargetHistory({ versions, defaults, fields }: TargetHistoryProps) {
  if (versions.length === 0) return <p>Nobody changed the targets so far.</p>;
  const entries = versions.map((view, at) => {
    const before = versions[at + 1]?.targets ?? (view.version === 1 ? defaults : undefined);
    return { ...view, words: before && changeWords(before, view.targets, fields) };
  });
  return (
    <ShowMore items={entries} first={6}>
      {(shown) => (
        <DataTable>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">When</th>
              <th scope="col">By</th>
              <th scope="col">Change</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ version, at, actor, reason, words }) => (
              <tr key={version}>
                <th scope="row">{version}</th>
                <td className={table.whole}>{at === null ? none : formatDateTime(at)}</td>
                <td>{actor}</td>
                <td>
                  {words === undefined
                    ? 'what was before is not listed any more'
                    : words.join('; ') || 'nothing'}
                </td>
                <td>{reason ?? none}</td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </ShowMore>
  );
}
