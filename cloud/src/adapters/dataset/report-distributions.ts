/** Of the page about a dataset version: how its figures lie by grade and by group. */
import { counted, type DatasetReport } from '@pomona/wire';
import { escaped } from '../../domain/escaped.ts';

type Feature = DatasetReport['features'][number];

/** Each grade's curve has the same area. */
export function drawHistogram(
  { name, low, high, byGrade }: Feature,
  colourOf: (grade: number) => string,
): string {
  const shares = byGrade.map(({ histogram, images }) =>
    histogram.map((count) => count / Math.max(1, images)),
  );
  const top = Math.max(...shares.flat());
  const paths = shares.map((share, l) => {
    const points = share.map((value, b) => `${((b + 0.5) * 260) / share.length},${80 - (76 * value) / top}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colourOf(l)}" stroke-width="2"/>`;
  });
  return `<figure><svg viewBox="0 0 260 84" width="260" height="84"><line x1="0" x2="260" y1="81" y2="81" stroke="#bbb"/>${paths.join('')}</svg><figcaption><b>${name}</b> ${low.toPrecision(3)} to ${high.toPrecision(3)}</figcaption></figure>`;
}

/** A table for each thing that images are told apart by, a row for each of its values, a box plot for each figure. */
export function drawDistributions({ distributions, features, labels }: DatasetReport): string {
  const tables = distributions.map(({ by, values, shown, unknown }) => {
    const head = features.map(({ name }) => `<th>${name}</th>`).join('');
    const rows = shown.map(({ value, images, byGrade, spreads }) => {
      const grades = byGrade.map(({ count }) => `<td>${count}</td>`).join('');
      const boxes = spreads.map((spread, f) => `<td>${box(spread, features[f]!)}</td>`).join('');
      return `<tr><th>${escaped(value)}</th><td>${images}</td>${grades}${boxes}</tr>`;
    });
    const which = values > shown.length ? `the ${shown.length} largest of ${values}` : `all ${values}`;
    const silent = unknown === 0 ? '' : `; of ${counted(unknown, 'image')} nobody said`;
    const titles = labels.map((label) => `<th>${escaped(label)}</th>`).join('');
    return `<h3>by ${by}</h3><p class="soft">${which}${silent}</p><div class="wide"><table><tr><th></th><th>images</th>${titles}${head}</tr>${rows.join('')}</table></div>`;
  });
  return tables.join('') || '<p>All images are of one group.</p>';
}

function box([least, lower, median, upper, most]: readonly number[], { low, high }: Feature): string {
  const at = (value: number): string =>
    (2 + 66 * Math.max(0, Math.min(1, (value - low) / (high - low || 1)))).toFixed(1);
  const [from, to] = [at(lower!), at(upper!)];
  const figures = [least, lower, median, upper, most].map((value) => value!.toPrecision(3)).join(' · ');
  return `<svg width="70" height="14"><title>${figures}</title><line x1="${at(least!)}" x2="${at(most!)}" y1="7" y2="7" stroke="#999"/><rect x="${from}" y="3" width="${Math.max(1, Number(to) - Number(from)).toFixed(1)}" height="8" fill="#9bc9c2"/><line x1="${at(median!)}" x2="${at(median!)}" y1="1" y2="13" stroke="#1c211f" stroke-width="2"/></svg>`;
}
