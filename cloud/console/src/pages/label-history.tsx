import { useQuery } from '@tanstack/react-query';
import { labelHistoryQuery } from '../data/queries.ts';
import { formatDateTime } from '../domain/format.ts';
import { entryWords, sourceWords } from '../domain/labelling-words.ts';
import { Answer } from '../parts/answer.tsx';
import table from '../parts/table.module.css';

/** All that was ever said of a fruit, oldest first. */
export function LabelHistory({ id }: { readonly id: number }) {
  const history = useQuery(labelHistoryQuery(id));
  return (
    <Answer query={history} height={40}>
      {(entries) =>
        entries.length === 0 ? (
          <span className={table.soft}>Nobody said anything of it so far.</span>
        ) : (
          <ol>
            {entries.map((entry, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: entries are added at the end, and never change.
              <li key={i}>
                <strong>{entry.actor}</strong> {entryWords(entry)}{' '}
                <span className={table.soft}>
                  {sourceWords[entry.source]}, {formatDateTime(entry.at)}
                </span>
              </li>
            ))}
          </ol>
        )
      }
    </Answer>
  );
}
