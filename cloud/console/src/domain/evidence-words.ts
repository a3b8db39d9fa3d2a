/** The figures of an alert, as somebody reads them who did not write the program. */
import { statisticWords } from './drift-words.ts';
import { formatCount, formatDateTime, formatMegabytes, formatPercent } from './format.ts';

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
  outboxDepth: (value) => `${formatCount(Number(value))} records wait on the board`,
  lastSeenAt: (value) =>
    value === 'never' ? 'never heard of' : `last heard of ${formatDateTime(String(value))}`,
};

/** What is not known here goes by its own name, with its value. Of statistics only those are named that differ. */
export function evidenceWords(evidence: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(evidence);
  const differ = entries
    .map(([name]) => statisticWords(name).name)
    .filter((name, i) => name !== entries[i]![0]);
  const others = entries
    .filter(([name]) => statisticWords(name).name === name)
    .map(([name, value]) => words[name]?.(value) ?? `${name} ${value}`);
  return [...(differ.length === 0 ? [] : [`differs: ${differ.join(', ')}`]), ...others].join('; ');
}
