/** How figures read on screen: one place, so that a latency looks the same on every page. */

export const none = '–';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function formatCount(count: number): string {
  return whole.format(count);
}

/** With what is counted: "1 group", "1,200 groups". */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** Per second; a figure that is zero says so plainly. */
export function formatRate(perSecond: number): string {
  return perSecond >= 100 ? whole.format(perSecond) : oneDigit.format(perSecond);
}

/** `share` in 0..1. What is not quite all or not quite nothing never rounds to it. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${oneDigit.format(share * 100)} %`;
}

export function formatMs(ms: number): string {
  return ms < 10 ? `${oneDigit.format(ms)} ms` : `${whole.format(ms)} ms`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, as on a disk's label. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? whole : oneDigit;
  return `${digits.format(value)} ${byteUnits[unit]}`;
}

export function formatMegabytes(megabytes: number): string {
  return formatBytes(megabytes * 1e6);
}

/** A stretch of time in its two largest units. */
export function formatDuration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `agoMs` may be a little negative where two clocks differ. */
export function formatAgo(agoMs: number): string {
  if (agoMs < 1_500) return 'just now';
  const s = Math.floor(agoMs / 1000);
  if (s < 60) return `${s} s ago`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dateTimeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** Time of day in the reader's time zone. */
export function formatClock(at: string | number): string {
  return clockFormat.format(new Date(at));
}

export function formatDateTime(at: string | number): string {
  return dateTimeFormat.format(new Date(at));
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The day alone. */
export function formatDate(at: string): string {
  return dateFormat.format(new Date(at));
}

/** Enough of a digest to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 8);
}

/** A value of a training parameter. */
export function formatParameter(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
