import type { StationView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { certificateFault } from './certificate-verdict.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-06-01T00:00:00.000Z');
const faultAt = (days: number, trouble?: string) =>
  certificateFault(
    {
      health: {
        certificate: {
          endsAt: new Date(nowMs + days * dayMs).toISOString(),
          ...(trouble === undefined ? {} : { trouble }),
        },
      },
    } as StationView,
    nowMs,
  );

it('is silent while a renewal has time, and speaks earlier of one that fails', () => {
  expect(faultAt(30)).toBeUndefined();
  expect(faultAt(29.9)).toMatchObject({ severity: 'warning', evidence: { daysLeft: 29 } });
  expect(faultAt(60, 'no way')).toBeUndefined();
  const failing = faultAt(59, 'no way');
  expect(failing).toMatchObject({ severity: 'warning', evidence: { daysLeft: 59, trouble: 'no way' } });
  expect(failing!.detail).toContain('No new one comes: no way');
});

it('is critical in the last fortnight and afterwards', () => {
  expect(faultAt(14)!.severity).toBe('warning');
  expect(faultAt(13)).toMatchObject({
    severity: 'critical',
    title: 'The station’s certificate nears its end',
  });
  expect(faultAt(-3)).toMatchObject({
    severity: 'critical',
    title: 'The station’s certificate has ended',
    evidence: { daysLeft: -3 },
  });
});

it('says nothing of a station that does not tell', () => {
  expect(certificateFault({ health: null } as StationView, nowMs)).toBeUndefined();
  expect(certificateFault({ health: {} } as StationView, nowMs)).toBeUndefined();
});
