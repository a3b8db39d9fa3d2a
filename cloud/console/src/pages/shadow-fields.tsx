import { Checkbox, NumberInput } from '@mantine/core';
import { defaultShadowPlan, type ShadowPlan } from '@pomona/wire';
import styles from './rollouts.module.css';

interface ShadowFieldsProps {
  /** Undefined: without a shadow phase. */
  readonly shadow: ShadowPlan | undefined;
  readonly onChange: (shadow: ShadowPlan | undefined) => void;
  /** To be looked at only. */
  readonly isFixed?: boolean;
}

/** Whether the release first runs silently, and what it must show then. */
export function ShadowFields({ shadow, onChange, isFixed = false }: ShadowFieldsProps) {
  return (
    <>
      <Checkbox
        className={styles.wide}
        label="Shadow first: run it silently beside what the stations grade with"
        disabled={isFixed}
        checked={shadow !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? defaultShadowPlan : undefined)}
      />
      {shadow !== undefined && (
        <>
          <NumberInput
            readOnly={isFixed}
            label="Shadow stations"
            min={0}
            value={shadow.stations}
            onChange={(value) => onChange({ ...shadow, stations: Number(value) })}
          />
          <NumberInput
            readOnly={isFixed}
            label="Fruits at each"
            min={1}
            allowDecimal={false}
            value={shadow.fruitsMin}
            onChange={(value) => onChange({ ...shadow, fruitsMin: Math.max(1, Number(value)) })}
          />
          <NumberInput
            readOnly={isFixed}
            label="Shadow at least, s"
            min={0}
            value={shadow.forS}
            onChange={(value) => onChange({ ...shadow, forS: Number(value) })}
          />
          <NumberInput
            readOnly={isFixed}
            label="Same grade at least"
            min={0}
            max={1}
            step={0.05}
            value={shadow.agreementMin}
            onChange={(value) => onChange({ ...shadow, agreementMin: Number(value) })}
          />
        </>
      )}
    </>
  );
}
