import { AppError, type QuietHours } from '@pomona/wire';

const minuteMs = 60_000;
const minutesPerDay = 1_440;
/** A day in which the clocks go back, and the minute after it. */
const lookAheadMinutes = 25 * 60 + 1;

export interface QuietState {
  readonly isQuiet: boolean;
  /** It was so from then, */
  readonly fromMs: number;
  /** and is so until then, or until one looks again. */
  readonly untilMs: number;
}

/**
 * Whether it is quiet at that instant, and until when, to the minute. It goes by the clock on the wall: an hour that the
 * clocks skip is left out, and one that they repeat counts twice. Zones are the runtime's own (Intl).
 */
export function quietAt({ from, to, zone }: QuietHours, nowMs: number): QuietState {
  const wall = wallClock(zone);
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  const isQuiet = (atMs: number): boolean => {
    const minute = minuteOf(wall.format(atMs));
    return fromMinute < toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute;
  };
  const now = isQuiet(nowMs);
  const firstMs = Math.floor(nowMs / minuteMs) * minuteMs;
  let minutes = 1;
  while (minutes < lookAheadMinutes && isQuiet(firstMs + minutes * minuteMs) === now) minutes++;
  return { isQuiet: now, fromMs: nowMs, untilMs: firstMs + minutes * minuteMs };
}

/** Error: `quiet-hours-invalid`. */
export function checkQuietHours({ from, to, zone }: QuietHours): void {
  if (from === to)
    throw invalid(`${from}-${to} has no length`, 'Name two different times, such as 06:00-18:00.');
  try {
    wallClock(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${zone} is no time zone`, 'Name one of the IANA database, such as Europe/Zurich.');
  }
}

/** As a person writes it: `06:00-18:00 Europe/Zurich`. */
export function quietHoursText({ from, to, zone }: QuietHours): string {
  return `${from}-${to} ${zone}`;
}

function invalid(message: string, hint: string): AppError {
  return new AppError('quiet-hours-invalid', `quiet hours: ${message}`, { hint });
}

function wallClock(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

function minuteOf(text: string): number {
  const [hour = '', minute = ''] = text.split(':');
  return (Number(hour) * 60 + Number(minute)) % minutesPerDay;
}
