import {
  describeStandardise,
  evaluationBounds,
  type ModelCalibration,
  type ModelView,
  type VariantFigures,
  withArticle,
} from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import {
  formatBytes,
  formatCounted,
  formatDateTime,
  formatParameter,
  formatPercent,
  formatRate,
  none,
} from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { ConfusionMatrix } from '../parts/confusion-matrix.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Digest } from '../parts/digest.tsx';
import { Facts } from '../parts/facts.tsx';
import { Figure, Figures } from '../parts/figure.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import { ModelChecks } from './model-checks.tsx';
import { Compare } from './model-compare.tsx';
import { ByGroup, boundsNote, Calibrated, FewCases, PerClass } from './model-evaluation.tsx';
import { Reached } from './model-reached.tsx';
import { Standing } from './model-standing.tsx';
import { Worst } from './model-worst.tsx';
import styles from './page.module.css';

/** What the cases of the evaluation were held back from; a calibration without a test split judges what it was fitted to. */
const heldBackFrom: Readonly<Record<ModelCalibration['heldBack'], string>> = {
  test: 'that training never saw',
  groups: 'that the network never saw, each group by a calibration on the others',
  images: 'that the network never saw, each image by a calibration on others of the same groups',
};

function heldBackOf(calibration: ModelCalibration | undefined): string {
  const { heldBack = 'test', seenJudged = 0 } = calibration ?? {};
  if (seenJudged === null) return 'of which it is not known whether the network learned from them';
  return seenJudged === 0 ? heldBackFrom[heldBack] : 'some of which the network learned from';
}

export function ModelDetail({ model }: { readonly model: ModelView }) {
  const { evaluation, labels } = model;
  const intervals = evaluationBounds(evaluation);
  const cases = `${formatCounted(evaluation.images, 'image')} of ${formatCounted(evaluation.groups, 'group')} ${heldBackOf(model.calibration)}`;
  return (
    <>
      <Panel
        title={`${model.name} v${model.version}`}
        note={
          <>
            measured on {cases} ·{' '}
            <a href={cardPath(model)} target="_blank" rel="noreferrer">
              Model card
            </a>
          </>
        }
      >
        <div className={styles.stack}>
          <FewCases evaluation={evaluation} />
          <Figures>
            <Figure
              label="Accuracy"
              value={formatPercent(evaluation.accuracy)}
              {...boundsNote(intervals.accuracy)}
              size="large"
            />
            <Figure
              label="Macro-F1"
              value={formatPercent(evaluation.macroF1)}
              {...boundsNote(intervals.macroF1)}
              size="large"
            />
            <Figure
              label="Balanced accuracy"
              value={formatPercent(evaluation.balancedAccuracy)}
              {...boundsNote(intervals.balancedAccuracy)}
              size="large"
            />
            <Figure
              label="Calibration error (ECE)"
              value={formatPercent(evaluation.ece)}
              note={
                evaluation.rawEce === undefined
                  ? 'how far probabilities are off'
                  : `${formatPercent(evaluation.rawEce)} before calibration`
              }
              size="large"
            />
            {model.errorCost !== undefined && (
              <Figure
                label="Cost of mistakes"
                value={model.errorCost.perCase.toFixed(3)}
                note={`mean of ${withArticle(evaluation.unit)}, by the project’s costs`}
                size="large"
              />
            )}
          </Figures>
        </div>
      </Panel>
      <ModelChecks key={`${model.digest} checks`} model={model} />
      <div className={styles.half}>
        <div className={styles.stack}>
          <Panel title="Confusion matrix" note={`one case is one ${evaluation.unit}`}>
            <ConfusionMatrix labels={labels} confusion={evaluation.confusion} unit={evaluation.unit} />
          </Panel>
          <Panel title="By group" note="worst first">
            <ByGroup evaluation={evaluation} />
          </Panel>
          <Panel title="Made from">
            <Lineage model={model} />
          </Panel>
          <Panel title="Reached" note="stations that ran it, or what went on from it">
            <Reached model={model} />
          </Panel>
        </div>
        <div className={styles.stack}>
          <Panel title="By grade">
            <PerClass evaluation={evaluation} labels={labels} />
          </Panel>
          {(evaluation.worst ?? []).length > 0 && (
            <Panel title="Worst cases" note="most surely wrong first">
              <Worst model={model} />
            </Panel>
          )}
          {model.calibration !== undefined && (
            <Panel title="Calibrated" note="the network is that of the version before">
              <Calibrated calibration={model.calibration} labels={labels} />
            </Panel>
          )}
          {model.variants !== undefined && (
            <Panel title="Variants" note="each station runs the fastest that is right there">
              <Variants variants={model.variants} />
            </Panel>
          )}
          <Standing model={model} />
          <Compare key={model.digest} model={model} />
        </div>
      </div>
    </>
  );
}

function cardPath({ name, version }: ModelView): string {
  return `/v1/models/${encodeURIComponent(name)}/versions/${version}/card`;
}

function Variants({ variants }: { readonly variants: readonly VariantFigures[] }) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th>Variant</th>
          <th className={table.number}>Size</th>
          <th className={table.number}>ms per view</th>
          <th className={table.number}>Accuracy</th>
          <th className={table.number} title="How often it says the same as fp32">
            Agreement
          </th>
          <th className={table.number} title="Calibration error: how far probabilities are off">
            ECE
          </th>
        </tr>
      </thead>
      <tbody>
        {variants.map(({ name, bytes, msPerView, accuracy, agreement, ece }) => (
          <tr key={name}>
            <td>{name}</td>
            <td className={table.number}>{formatBytes(bytes)}</td>
            <td className={table.number}>{msPerView.toFixed(3)}</td>
            <td className={table.number}>{formatPercent(accuracy)}</td>
            <td className={table.number}>{formatPercent(agreement)}</td>
            <td className={table.number}>{formatPercent(ece)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function Parent({ model: { parent } }: { readonly model: ModelView }) {
  if (parent === undefined) return none;
  return (
    <Link to="/models/$name/$version" params={{ name: parent.name, version: String(parent.version) }}>
      {parent.name} v{parent.version}
    </Link>
  );
}

function Lineage({ model }: { readonly model: ModelView }) {
  const dataset = (
    <>
      <Link to="/datasets/$name/$digest" params={model.dataset}>
        {model.dataset.name}
      </Link>{' '}
      <Digest digest={model.dataset.digest} />
    </>
  );
  return (
    <Facts
      facts={[
        ['Made', formatDateTime(model.createdAt)],
        ['Dataset', dataset],
        ['Went on from', <Parent key="parent" model={model} />],
        ['Network', model.network],
        ['Colours', describeStandardise(model.standardise)],
        ['Labels', orderGrades(model.labels).join(', ')],
        ['Release', `${formatBytes(model.releaseBytes)}`],
        [
          'Digest',
          <span key="digest" className={styles.mono}>
            {model.digest}
          </span>,
        ],
        ['Seed', String(model.seed)],
        [
          'Code revision',
          <span key="revision" className={styles.mono}>
            {model.codeRevision}
          </span>,
        ],
        [
          'Training speed',
          model.trainImagesPerSecond > 0 ? `${formatRate(model.trainImagesPerSecond)} images/s` : none,
        ],
        ...Object.entries(model.parameters).map(([name, value]) => [name, formatParameter(value)] as const),
      ]}
    />
  );
}
