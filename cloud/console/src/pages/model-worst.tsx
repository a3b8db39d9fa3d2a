import type { ModelView, WorstCase } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { worstQuery } from '../data/queries.ts';
import { formatPercent } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Digest } from '../parts/digest.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { PictureView, pngOf } from '../parts/picture-view.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './model-worst.module.css';
import page from './page.module.css';

/** What a version got most surely wrong: what it was shown, and what spoke for the grade that it gave. */
export function Worst({ model }: { readonly model: ModelView }) {
  const worst = useQuery(worstQuery(model.name, model.version));
  return (
    <Answer query={worst} height={240}>
      {(cases) => <Cases cases={cases} labels={model.labels} />}
    </Answer>
  );
}

function Cases({
  cases,
  labels,
}: {
  readonly cases: readonly WorstCase[];
  readonly labels: readonly string[];
}) {
  const hasPictures = cases.some(({ cropPng }) => cropPng !== undefined);
  return (
    <>
      {hasPictures && (
        <p className={page.soft}>
          Over the second picture: <span className={styles.for}>■</span> what spoke for the grade that it got,{' '}
          <span className={styles.against}>■</span> what against.
        </p>
      )}
      <ShowMore items={cases} first={6}>
        {(shown) => (
          <DataTable>
            <thead>
              <tr>
                {hasPictures && <th scope="col">Shown</th>}
                <th scope="col">Truth, graded</th>
                <th scope="col" className={table.number} title="Probability that it gave the truth">
                  For truth
                </th>
                <th scope="col">Image</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => (
                <tr key={`${each.digest}/${each.group}`}>
                  {hasPictures && (
                    <td>
                      <Pictures worst={each} />
                    </td>
                  )}
                  <td>
                    <GradeMark grade={each.truth} labels={labels} />
                    <br />
                    <GradeMark grade={each.graded} labels={labels} />
                  </td>
                  <td className={table.number}>{formatPercent(each.probability)}</td>
                  <td className={page.mono}>
                    {each.source ?? <Digest digest={each.digest} />}
                    {each.source !== each.group && <> of {each.group}</>}
                  </td>
                </tr>
              ))}
            </tbody>
          </DataTable>
        )}
      </ShowMore>
    </>
  );
}

function Pictures({ worst: { cropPng, explanation, graded, truth } }: { readonly worst: WorstCase }) {
  const crop = useMemo(() => (cropPng === undefined ? undefined : pngOf(cropPng)), [cropPng]);
  const explained = useMemo(() => explanation && { explanation, label: graded }, [explanation, graded]);
  if (crop === undefined) return <>not here any more</>;
  return (
    <div className={styles.pictures}>
      <PictureView picture={crop} of={`${truth}, as the model was shown it`} />
      {explained !== undefined && (
        <PictureView picture={crop} explained={explained} of={`What spoke for ${graded}`} />
      )}
    </div>
  );
}
