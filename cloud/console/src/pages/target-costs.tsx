import { costField } from '../domain/target-fields.ts';
import { DataTable } from '../parts/data-table.tsx';
import { TargetInput, type TargetRowsProps } from './target-rows.tsx';
import own from './targets-page.module.css';

type TargetCostsProps = Omit<TargetRowsProps, 'fields' | 'wanted' | 'model'> & {
  readonly labels: readonly string[];
};

/** A row for what fruit truly is, a column for what it is graded as. */
export function TargetCosts({ labels, ...rest }: TargetCostsProps) {
  if (labels.length === 0) return <p>There are no grades yet: they come with the first dataset.</p>;
  return (
    <>
      <p className={own.means}>
        Of one fruit, by what it truly is (row) and what it is graded as (column). An empty one costs the
        steps between the two grades.
      </p>
      <DataTable>
        <thead>
          <tr>
            <th scope="col">Truly</th>
            {labels.map((graded) => (
              <th key={graded} scope="col">
                graded {graded}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((truth) => (
            <tr key={truth}>
              <th scope="row">{truth}</th>
              {labels.map((graded) => (
                <td key={graded} className={own.cost}>
                  {graded === truth ? 'right' : <TargetInput field={costField(truth, graded)} {...rest} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </DataTable>
    </>
  );
}
