/**
 * An instant as people and programs write it (RFC 3339, section 5.6): with `Z` or an offset, with seconds and any part of
 * one. Whatever comes in from outside is read into an `Instant` where it is decoded.
 */
import { Type } from '@pomona/schema';

export const givenInstantFormat = 'date-time';
export const GivenInstant = Type.String({
  format: givenInstantFormat,
  description: 'RFC 3339 with Z or an offset, as 2026-10-14T08:00:00Z or 2026-10-14T10:00:00+02:00',
});

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const charactersMax = 60;

export type ReadInstant =
  | { readonly ok: true; readonly at: string }
  /** What is wrong with it, to stand behind the name of the field. */
  | { readonly ok: false; readonly problem: string };

/** As an `Instant`; what is finer than a millisecond is cut off, and a leap second is the one after it. */
export function readInstant(text: string): ReadInstant {
  const shown = text.slice(0, charactersMax);
  const found = text.length <= charactersMax ? pattern.exec(text) : null;
  if (found === null) return { ok: false, problem: `${shown} ${missingIn(text)}` };
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours = '0', minutes = '0'] = found;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDay) return { ok: false, problem: `${shown} is of a day that there is not` };
  // 24:00 is not in RFC 3339; :60 is, for leap seconds.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
    return { ok: false, problem: `${shown} is of a time that there is not` };
  if (Number(hours) > 23 || Number(minutes) > 59)
    return { ok: false, problem: `${shown} has an offset that there is not` };
  const ofDayMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const at = new Date(date.getTime() + ofDayMs + Number(fraction.slice(0, 3).padEnd(3, '0')) - offsetMs);
  const isFourDigits = at.getUTCFullYear() >= 0 && at.getUTCFullYear() <= 9_999;
  return isFourDigits
    ? { ok: true, at: at.toISOString() }
    : { ok: false, problem: `${shown} is of a year that there is not` };
}

const example = 'as in 2026-10-14T08:00:00Z or 2026-10-14T10:00:00+02:00';

function missingIn(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `has no time of day, ${example}`;
  if (/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?$/i.test(text))
    return `has no seconds, ${example}`;
  if (/^\d{4}-\d{2}-\d{2}[Tt ][\d:.]+$/.test(text)) return `has neither Z nor an offset, ${example}`;
  if (/^\d{4}-\d{2}-\d{2}[Tt][\d:.]+ \d{2}:\d{2}$/.test(text))
    return 'has lost the + of its offset: in an address that is written %2B';
  return `is no instant of RFC 3339, ${example}`;
}
