import type { JobView, TuneTrial } from '@pomona/wire';
import { formatPercent } from '../domain/format.ts';
import { byScore, settingWords, triedBy, tuneWords } from '../domain/tune-words.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { TrialsPlot } from '../parts/trials-plot.tsx';
import own from './training-page.module.css';

/** What a tuning tried, as it comes. */
export function TuneTrials({ job }: { readonly job: JobView }) {
  const { trials, chosen } = triedBy(job);
  return (
    <Panel title={`What tuning ${job.id} tried`} note="each on fruit that it did not learn from">
      <p className={own.words}>{tuneWords(job)}</p>
      {trials.length > 0 && (
        <>
          <div className={own.plot}>
            <TrialsPlot trials={trials} chosen={chosen} />
          </div>
          <ShowMore items={byScore(trials)} first={8}>
            {(shown) => <Trials trials={shown} chosen={chosen} />}
          </ShowMore>
        </>
      )}
    </Panel>
  );
}

interface TrialsProps {
  readonly trials: readonly TuneTrial[];
  readonly chosen: TuneTrial | undefined;
}

function Trials({ trials, chosen }: TrialsProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Trial</th>
          <th scope="col">Network</th>
          <th scope="col" className={table.number}>
            Crop
          </th>
          <th scope="col" className={table.number}>
            Passes
          </th>
          <th scope="col" className={table.number}>
            Macro-F1
          </th>
          <th scope="col" className={table.number}>
            A view
          </th>
          <th scope="col" className={table.number}>
            Took
          </th>
          <th scope="col">Settings</th>
          <th scope="col">Note</th>
        </tr>
      </thead>
      <tbody>
        {trials.map((trial) => (
          <tr key={`${trial.trial} ${trial.epochs}`}>
            <th scope="row">{trial.trial}</th>
            <td>{trial.network}</td>
            <td className={table.number}>{trial.size} px</td>
            <td className={table.number}>{trial.epochs}</td>
            <td className={table.number}>{formatPercent(trial.macroF1)}</td>
            <td className={table.number}>{trial.msPerView.toFixed(2)} ms</td>
            <td className={table.number}>{Math.round(trial.seconds)} s</td>
            <td>{settingWords(trial)}</td>
            <td>{noteOf(trial, chosen)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function noteOf({ trial, epochs, isOnFront }: TuneTrial, chosen: TuneTrial | undefined): string {
  if (trial === chosen?.trial && epochs === chosen.epochs) return 'chosen';
  return isOnFront ? 'best for its speed' : '';
}
