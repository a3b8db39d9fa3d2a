import { describe, expect, it } from 'vitest';
import { readInstant } from './given-instant.ts';

describe('an instant that somebody gives', () => {
  it.each([
    ['2026-10-14T08:00:00Z', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14T08:00:00.000Z', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14t08:00:00z', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14 08:00:00Z', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14T10:00:00+02:00', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14T00:30:00.25-05:45', '2026-10-14T06:15:00.250Z'],
    ['2026-10-14T08:00:00.285Z', '2026-10-14T08:00:00.285Z'],
    ['2026-10-14T08:00:00-00:00', '2026-10-14T08:00:00.000Z'],
    ['2026-10-14T08:00:00.123999999Z', '2026-10-14T08:00:00.123Z'],
    ['2026-01-01T00:00:00+13:00', '2025-12-31T11:00:00.000Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('is read in every form of RFC 3339: %s', (text, at) => {
    expect(readInstant(text)).toEqual({ ok: true, at });
  });

  it.each([
    ['2026-10-14', /has no time of day, as in 2026/],
    ['2026-10-14T08:00Z', /has no seconds/],
    ['2026-10-14T08:00:00', /has neither Z nor an offset/],
    ['2026-10-14T10:00:00 02:00', /has lost the \+ of its offset: in an address that is written %2B/],
    ['2026-02-30T00:00:00Z', /is of a day that there is not/],
    ['2025-02-29T00:00:00Z', /is of a day that there is not/],
    ['2026-13-01T00:00:00Z', /is of a day that there is not/],
    ['2026-10-14T24:00:00Z', /is of a time that there is not/],
    ['2026-10-14T08:60:00Z', /is of a time that there is not/],
    ['2026-10-14T08:00:61Z', /is of a time that there is not/],
    ['2026-10-14T08:00:00+24:00', /has an offset that there is not/],
    ['9999-12-31T23:59:59-01:00', /is of a year that there is not/],
    ['0000-01-01T00:00:00+01:00', /is of a year that there is not/],
    ['1760428800', /is no instant of RFC 3339/],
    ['', /is no instant of RFC 3339/],
    ['2026-10-14T08:00:00+0200', /is no instant of RFC 3339/],
    [`2026-10-14T08:00:00.${'0'.repeat(60)}Z`, /is no instant of RFC 3339/],
  ])('is refused with what is wrong: %s', (text, problem) => {
    const read = readInstant(text);
    expect(read).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });
});
