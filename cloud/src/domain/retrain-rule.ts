/** When a retraining is worth proposing. Pure. */
import { type AlertView, counted } from '@pomona/wire';

/**
 * The oldest of a model's `drift-model` alerts that came after `answeredUntilMs`, when somebody last retrained that model or said no. One whose
 * cause has gone counts as well: fruit is often labelled after its lot has passed, and it will come back.
 */
export function alertToAnswer(alerts: readonly AlertView[], answeredUntilMs: number): AlertView | undefined {
  return alerts
    .filter(({ kind, openedAt }) => kind === 'drift-model' && Date.parse(openedAt) > answeredUntilMs)
    .reduce<AlertView | undefined>(
      (oldest, each) => (oldest && oldest.id < each.id ? oldest : each),
      undefined,
    );
}

/** Undefined while too little was labelled since the last retraining. */
export function whyRetrain(
  { id, title, station }: Pick<AlertView, 'id' | 'title' | 'station'>,
  model: string,
  labelled: number,
  labelledMin: number,
): string | undefined {
  if (labelled < labelledMin) return undefined;
  const where = station === null ? '' : ` on ${station}`;
  return `${title}${where} (alert ${id}), and ${counted(labelled, 'fruit')} of ${model} ${labelled === 1 ? 'was' : 'were'} labelled since its last retraining`;
}
