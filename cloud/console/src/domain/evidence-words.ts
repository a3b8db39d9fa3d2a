/** The figures of an alert, as somebody reads them who did not write the program. */
import { statisticWords } from './drift-words.ts';
import { formatCount, formatCounted, formatDateTime, formatMegabytes, formatPercent } from './format.ts';

type Value = string | number | boolean;

const words: Readonly<Record<string, (value: Value) => string>> = {
  model: (value) => `graded by ${value}`,
  beltChanged: (value) => `the belt’s colour changed: ${value}`,
  unknownShare: (value) => `${formatPercent(Number(value))} of the fruit is unlike any of the baseline`,
  gradesUsual: (value) => `grades usually ${value}`,
  gradesNow: (value) => `grades now ${value}`,
  medianLumaRatio: (value) => `brightness is ${formatPercent(Number(value))} of what it was`,
  estimatedAccuracy: (value) => `estimated accuracy ${formatPercent(Number(value))}`,
  temperatureC: (value) => `the board has ${value} °C`,
  diskFreeMb: (value) => `${formatMegabytes(Number(value))} free on the disk`,
  outboxDepth: (value) => `${formatCounted(Number(value), 'record')} waiting on the board`,
  lastSeenAt: (value) =>
    value === 'never' ? 'never heard of' : `last heard of ${formatDateTime(String(value))}`,
  endsAt: (value) => `ends ${formatDateTime(String(value))}`,
  daysLeft: (value) =>
    Number(value) < 0
      ? `over for ${formatCounted(-Number(value), 'day')}`
      : `${formatCounted(Number(value), 'day')} left`,
  // The detail tells it.
  trouble: () => '',
  late: (value) => `${formatCounted(Number(value), 'shot')} came too late`,
  failed: (value) => `${formatCounted(Number(value), 'shot')} failed`,
  gatesWithoutOutlet: (value) => `${formatCounted(Number(value), 'gate')} without an outlet`,
  missedDeadlines: (value) => `${formatCounted(Number(value), 'fruit')} decided too late`,
  fruits: (value) => `among the last ${formatCount(Number(value))}`,
  unconfirmedInARow: (value) => `${formatCounted(Number(value), 'shot')} in a row that no sensor saw`,
  unconfirmed: (value) => `${formatCount(Number(value))} in all`,
  confirmed: (value) => `${formatCounted(Number(value), 'shot')} seen`,
};

/** A camera's own figures, some of which are named like statistics of fruit. */
const cameraWords: typeof words = {
  faults: (value) => `wrong: ${value}`,
  luma: (value) => `brightness ${Math.round(Number(value))} of 255`,
  sharpness: (value) => `sharpness ${Number(Number(value).toPrecision(3))}`,
  shiftPx: (value) => `moved by ${Number(Number(value).toPrecision(3))} pixels`,
  travelRatio: (value) => `fruit moves ${formatPercent(Number(value))} of the belt’s travel`,
};

/** What is not known here goes by its own name, with its value. Of statistics only those are named that differ. */
export function evidenceWords(evidence: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(evidence);
  if ('faults' in evidence)
    return entries.map(([name, value]) => cameraWords[name]?.(value) ?? `${name} ${value}`).join('; ');
  const differ = entries
    .map(([name]) => statisticWords(name).name)
    .filter((name, i) => name !== entries[i]![0]);
  const others = entries
    .filter(([name]) => statisticWords(name).name === name)
    .map(([name, value]) => words[name]?.(value) ?? `${name} ${value}`)
    .filter(Boolean);
  return [...(differ.length === 0 ? [] : [`differs: ${differ.join(', ')}`]), ...others].join('; ');
}
