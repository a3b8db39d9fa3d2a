import { expect, it } from 'vitest';
import { OperatorSessions } from './operator-sessions.ts';
import { PinAttempts } from './pin-attempts.ts';

it('lets a PIN be tried five times, then about a hundred times a day', () => {
  const attempts = new PinAttempts();
  for (let i = 0; i < 4; i++) attempts.wrong(0);
  expect(attempts.waitMs(0)).toBe(0);
  attempts.wrong(0);
  expect([attempts.waitMs(0), attempts.waitMs(29_999), attempts.waitMs(30_000)]).toEqual([30_000, 1, 0]);
  let nowMs = 0;
  let tries = 0;
  for (; nowMs < 86_400_000; tries++) {
    nowMs += attempts.waitMs(nowMs);
    attempts.wrong(nowMs);
  }
  expect(tries).toBeLessThan(110);
  attempts.right();
  expect(attempts.waitMs(nowMs)).toBe(0);
});

it('ends a session that was not used, that is a shift old, that was closed or that is one too many', () => {
  const sessions = new OperatorSessions();
  const minutes = (count: number) => count * 60_000;
  sessions.open('a', 0);
  expect(sessions.use('a', minutes(14))).toBe(true);
  expect(sessions.isOpen('a', minutes(28))).toBe(true);
  // Looking does not keep it open.
  expect(sessions.use('a', minutes(29))).toBe(false);
  sessions.open('b', 0);
  for (let at = 0; at < 720; at += 10) expect(sessions.use('b', minutes(at))).toBe(true);
  expect(sessions.use('b', minutes(720))).toBe(false);
  sessions.open('c', 0);
  sessions.close('c');
  expect(sessions.isOpen('c', 0)).toBe(false);
  for (let i = 0; i < 17; i++) sessions.open(`d${i}`, i);
  expect([sessions.isOpen('d0', 20), sessions.isOpen('d1', 20)]).toEqual([false, true]);
  expect(sessions.isOpen('', 20)).toBe(false);
});
