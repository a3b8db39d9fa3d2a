import { AppError } from '@pomona/wire';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VirtualTime } from '../testing/virtual-time.ts';
import { CertificateRenewal } from './renew-certificate.ts';

const [hour, day] = [3_600_000, 86_400_000];
let time: VirtualTime;
let renewal: CertificateRenewal;
let answer: () => string | undefined;
let taken: string[];
let asked: number;
let endsAtMs: number;
let troubles: string[];

beforeEach(() => {
  time = new VirtualTime();
  [answer, taken, asked, troubles] = [() => undefined, [], 0, []];
  endsAtMs = time.nowMs() + 300 * day;
  renewal = new CertificateRenewal({
    scheduler: time,
    random: { next: () => 0.5 },
    ask: async () => {
      asked++;
      return answer();
    },
    take: async (certificatePem) => void taken.push(certificatePem),
    endsAtMs: () => endsAtMs,
    onTrouble: (code, message) => troubles.push(`${code}: ${message}`),
  });
  renewal.start();
});
afterEach(() => renewal.stop());

const refuse = () => {
  throw new AppError('renewal-unreachable', 'no way', { hint: 'Open it.', retryable: true });
};

it('asks soon after a start and once a day, whatever the board’s clock says', async () => {
  await time.advance(20_000);
  expect(asked).toBe(1);
  time.setWall(0);
  await time.advance(3 * day);
  expect(asked).toBe(4);
  expect(taken).toEqual([]);
});

it('takes what it is given, and asks again an hour after it could not be kept or had', async () => {
  answer = refuse;
  await time.advance(20_000);
  answer = () => 'new';
  await time.advance(hour);
  expect(taken).toEqual(['new']);
  await time.advance(hour);
  expect([asked, troubles]).toEqual([2, []]);
});

it('tells of what does not work once the end is near, and when it is over', async () => {
  answer = refuse;
  await time.advance(239 * day);
  expect(troubles).toEqual([]);
  await time.advance(2 * day);
  expect(troubles[0]).toBe(
    'certificate-ends: the station’s certificate ends 2026-10-28T00:00:00.000Z: no way. Open it.',
  );
  const before = troubles.length;
  await time.advance(100 * day);
  expect(troubles.length).toBeGreaterThan(before);
});

it('says for the station’s health when it ends, and of the last attempt alone what was in the way', async () => {
  const endsAt = new Date(endsAtMs).toISOString();
  expect(renewal.state()).toEqual({ endsAt });
  answer = refuse;
  await time.advance(20_000);
  expect(renewal.state()).toEqual({ endsAt, trouble: 'no way. Open it.' });
  answer = () => {
    throw new Error('x'.repeat(9_999));
  };
  await time.advance(2 * hour);
  expect(renewal.state().trouble).toHaveLength(500);
  answer = () => 'new';
  await time.advance(2 * hour);
  expect(renewal.state()).toEqual({ endsAt });
});

it('asks no more once it is stopped', async () => {
  await renewal.stop();
  await time.advance(2 * day);
  expect(asked).toBe(0);
});
