import { NumberInput, Switch } from '@mantine/core';
import type { ModelView, ProjectTargets } from '@pomona/wire';
import {
  type TargetField,
  type TargetUnit,
  type TargetValue,
  targetText,
  valueAt,
} from '../domain/target-fields.ts';
import { reachedBy } from '../domain/target-reached.ts';
import own from './targets-page.module.css';

export interface TargetRowsProps {
  readonly fields: readonly TargetField[];
  /** As they stand in the form, */
  readonly targets: ProjectTargets;
  /** and with the defaults of what is not set. */
  readonly wanted: ProjectTargets;
  readonly defaults: ProjectTargets;
  /** That is held against them. */
  readonly model: ModelView | undefined;
  readonly isFixed: boolean;
  readonly change: (path: string, value: TargetValue) => void;
}

/** A target to a row: what it means, what it is, what a version reaches of it. */
export function TargetRows({ fields, ...rest }: TargetRowsProps) {
  return (
    <div className={own.rows}>
      {fields.map((field) => (
        <div key={field.path} className={own.row}>
          <div>
            <strong>{field.label}</strong>
            <span className={own.means}>{field.means}</span>
          </div>
          <TargetInput field={field} {...rest} />
          <ReachedText path={field.path} unit={field.unit} {...rest} />
        </div>
      ))}
    </div>
  );
}

/** What must be said; the others may be left to their defaults. */
const required = ['minMacroF1', 'minRecall', 'maxBadAsGood', 'maxLatencyMs', 'maxReleaseBytes'];

const suffixes: Readonly<Partial<Record<TargetUnit, string>>> = {
  ...{ share: ' %', ms: ' ms', bytes: ' MB', pixels: ' px', degrees: '°', days: ' days' },
};

/** What is typed for one of the value. */
const scales: Readonly<Partial<Record<TargetUnit, number>>> = { share: 100, bytes: 1e-6 };

type TargetInputProps = Omit<TargetRowsProps, 'fields' | 'wanted' | 'model'> & {
  readonly field: TargetField;
};

export function TargetInput({ field, targets, defaults, isFixed, change }: TargetInputProps) {
  const { path, label, unit } = field;
  const [value, byDefault] = [valueAt(targets, path), valueAt(defaults, path)];
  if (unit === 'yes-no')
    return (
      <Switch
        aria-label={label}
        disabled={isFixed}
        checked={Boolean(value ?? byDefault)}
        onChange={(event) => change(path, event.currentTarget.checked)}
      />
    );
  const scale = scales[unit] ?? 1;
  const fallBack = path.startsWith('recallFloors.') ? valueAt(targets, 'minRecall') : byDefault;
  const unset = path.startsWith('costs.') ? 'steps' : 'none';
  return (
    <NumberInput
      aria-label={label}
      min={0}
      {...(unit === 'share' ? { max: 100 } : {})}
      suffix={suffixes[unit] ?? ''}
      placeholder={fallBack === undefined ? unset : targetText(fallBack, unit)}
      required={required.includes(path)}
      readOnly={isFixed}
      value={typeof value === 'number' ? tidy(value * scale) : ''}
      onChange={(typed) => change(path, typed === '' ? undefined : asValue(Number(typed), unit, scale))}
    />
  );
}

/** Without the dust of a multiplication. */
function tidy(value: number): number {
  return Number(value.toPrecision(9));
}

function asValue(typed: number, unit: TargetUnit, scale: number): number {
  const value = tidy(typed / scale);
  return unit === 'bytes' ? Math.round(value) : value;
}

interface ReachedTextProps {
  readonly path: string;
  readonly unit: TargetUnit;
  readonly model: ModelView | undefined;
  readonly wanted: ProjectTargets;
}

function ReachedText({ path, unit, model, wanted }: ReachedTextProps) {
  const reached = model && reachedBy(model, path, wanted);
  if (model === undefined || reached === undefined) return <span />;
  const verdict = { true: 'within', false: 'misses it', undefined: '' }[`${reached.isWithin}` as const];
  return (
    <span className={own.reached} data-within={reached.isWithin}>
      {targetText(reached.value, unit)} <b>{verdict}</b>
      <span className={own.means}>
        {model.name}@{model.version}
        {reached.of !== undefined && `, least of ${reached.of}`}
      </span>
    </span>
  );
}
