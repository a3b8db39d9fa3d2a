import { describe, expect, it } from 'vitest';
import { checkQuietHours, quietAt } from './quiet-hours.ts';

const zone = 'Europe/Zurich';
const at = (hours: { from: string; to: string; zone?: string }, instant: string) => {
  const { isQuiet, untilMs } = quietAt({ zone, ...hours }, Date.parse(instant));
  return `${isQuiet ? 'quiet' : 'open'} until ${new Date(untilMs).toISOString().slice(0, 16)}Z`;
};
const day = { from: '06:00', to: '18:00' };
const night = { from: '22:00', to: '05:30' };

describe('quietAt', () => {
  it.each([
    ['2026-01-15T04:59:59.999Z', 'open until 2026-01-15T05:00Z'],
    ['2026-01-15T05:00:00Z', 'quiet until 2026-01-15T17:00Z'],
    ['2026-01-15T16:59:59.999Z', 'quiet until 2026-01-15T17:00Z'],
    ['2026-01-15T17:00:00Z', 'open until 2026-01-16T05:00Z'],
    ['2026-07-15T04:00:00Z', 'quiet until 2026-07-15T16:00Z'],
  ])('goes by the time of the site, in winter and in summer: %s', (instant, expected) => {
    expect(at(day, instant)).toBe(expected);
  });

  it.each([
    ['2026-01-15T20:59:00Z', 'open until 2026-01-15T21:00Z'],
    ['2026-01-15T21:00:00Z', 'quiet until 2026-01-16T04:30Z'],
    ['2026-01-15T23:30:00Z', 'quiet until 2026-01-16T04:30Z'],
    ['2026-01-16T04:30:00Z', 'open until 2026-01-16T21:00Z'],
  ])('goes over midnight: %s', (instant, expected) => {
    expect(at(night, instant)).toBe(expected);
  });

  it('is an hour shorter in the night in which the clocks go forward, and longer when they go back', () => {
    expect(at(night, '2026-03-28T21:00:00Z')).toBe('quiet until 2026-03-29T03:30Z');
    expect(at(night, '2026-10-24T20:00:00Z')).toBe('quiet until 2026-10-25T04:30Z');
  });

  it('leaves out an hour that the clocks skip, and counts one twice that they repeat', () => {
    const hour = { from: '02:00', to: '03:00' };
    expect(at(hour, '2026-03-29T00:59:00Z')).toMatch(/^open/);
    expect(at(hour, '2026-03-29T01:00:00Z')).toMatch(/^open/);
    expect(at(hour, '2026-10-25T00:00:00Z')).toBe('quiet until 2026-10-25T02:00Z');
  });

  it('knows a zone that is no whole hour from the others', () => {
    expect(at({ ...day, zone: 'Asia/Kolkata' }, '2026-01-15T00:29:00Z')).toBe('open until 2026-01-15T00:30Z');
  });

  it('refuses a zone that there is not, and hours without length', () => {
    expect(() => checkQuietHours({ ...day, zone: 'Europe/Zürich' })).toThrow('is no time zone');
    expect(() => checkQuietHours({ from: '06:00', to: '06:00', zone })).toThrow('has no length');
    expect(() => checkQuietHours({ ...day, zone })).not.toThrow();
  });
});
