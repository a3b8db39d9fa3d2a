import type { LabelAgreement } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { agreementQuery } from '../data/queries.ts';
import { formatCount, none } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';

/** Whether people mean the same by a grade: what they do not agree on no model can learn. */
export function AgreementPanel() {
  const agreement = useQuery(agreementQuery);
  return (
    <Panel title="Do people agree?" note="a tenth of the labelled fruit, seen by two">
      <Answer query={agreement} height={120}>
        {({ overall, pairs }) => (
          <>
            <p>{overall.words}</p>
            {pairs.length > 0 && <Pairs pairs={pairs} />}
            <p className={table.soft}>
              The second person does not see what the first said. κ is 1 where two always agree, and 0 where
              they agree no more often than by chance. What two differ on teaches no model until it is
              decided.
            </p>
          </>
        )}
      </Answer>
    </Panel>
  );
}

const verdictWords: Readonly<Record<LabelAgreement['overall']['verdict'], string>> = {
  'insufficient-data': 'too few to tell',
  'one-grade': 'one grade only',
  poor: 'hardly agree',
  moderate: 'agree too little',
  good: 'agree well',
  'very-good': 'agree very well',
};

function Pairs({ pairs }: Pick<LabelAgreement, 'pairs'>) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col" className={table.number}>
            Fruit
          </th>
          <th scope="col" className={table.number}>
            Agreed
          </th>
          <th scope="col">κ</th>
          <th scope="col">In words</th>
          <th scope="col">Mostly between</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(({ people, fruits, agreed, kappa, interval, verdict, mostly }) => (
          <tr key={people.join(' ')}>
            <td>{people.join(' and ')}</td>
            <td className={table.number}>{formatCount(fruits)}</td>
            <td className={table.number}>{formatCount(agreed)}</td>
            <td>
              {kappa === null || interval === null
                ? none
                : `${kappa.toFixed(2)} (${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})`}
            </td>
            <td className={verdict === 'poor' || verdict === 'moderate' ? table.warn : undefined}>
              {verdictWords[verdict]}
            </td>
            <td>{mostly === null ? none : `${mostly.grades.join(' and ')}, ${mostly.fruits}`}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
