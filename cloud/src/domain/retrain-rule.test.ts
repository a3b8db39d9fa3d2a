import type { AlertView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { alertToAnswer, whyRetrain } from './retrain-rule.ts';

function alert(id: number, kind: AlertView['kind'], openedAtMs: number): AlertView {
  const view = { id, kind, station: 'left', title: 'Unsure', openedAt: new Date(openedAtMs).toISOString() };
  return view as AlertView;
}

it('answers the first alert about the model since the last answer, and no other kind', () => {
  const alerts = [alert(4, 'drift-model', 400), alert(3, 'drift-model', 300), alert(2, 'drift-camera', 250)];
  expect(alertToAnswer(alerts, 200)?.id).toBe(3);
  expect(alertToAnswer(alerts, 300)?.id).toBe(4);
  expect(alertToAnswer(alerts, 400)).toBeUndefined();
  expect(alertToAnswer([], 0)).toBeUndefined();
});

it('waits for the last of the labels', () => {
  expect(whyRetrain(alert(3, 'drift-model', 0), 'apples', 59, 60)).toBeUndefined();
  expect(whyRetrain(alert(3, 'drift-model', 0), 'apples', 60, 60)).toBe(
    'Unsure on left (alert 3), and 60 fruits of apples were labelled since its last retraining',
  );
  expect(whyRetrain(alert(3, 'drift-model', 0), 'apples', 1, 1)).toContain(
    'and 1 fruit of apples was labelled',
  );
});
