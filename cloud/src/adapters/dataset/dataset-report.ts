/** One self-contained page about a dataset version: inline SVG, CSS and pictures, no script, nothing from elsewhere. */
import { counted, type DatasetReport } from '@pomona/wire';
import sharp from 'sharp';
import type { DatasetFile } from '../../domain/dataset.ts';
import { describeReport } from '../../domain/describe-report.ts';
import { escaped } from '../../domain/escaped.ts';
import { type Exploration, exploreDataset } from '../../domain/explore-dataset.ts';
import { viewSet } from '../../domain/feature-set.ts';
import { judgedMin } from '../../domain/permutation-importance.ts';
import { readDatasetFeatures } from './dataset-features.ts';
import { readDataset } from './dataset-folder.ts';
import { drawDistributions, drawHistogram } from './report-distributions.ts';

const names = viewSet.columns.map(({ name }) => name);
const colours = ['#0f7b6c', '#d99a00', '#b23a1e', '#5b5bd6', '#7a7a7a'];
const sheetColumns = 14;
const sheetRows = 2;

interface Explored {
  readonly file: DatasetFile;
  readonly crops: Uint8Array;
  readonly found: Exploration;
  readonly report: DatasetReport;
}

/** The page's figures. Throws `dataset-damaged`. */
export async function reportFigures(folder: string): Promise<DatasetReport> {
  return (await explore(folder)).report;
}

async function explore(folder: string): Promise<Explored> {
  const { file, crops } = await readDataset(folder);
  const { rows } = await readDatasetFeatures(folder);
  const features = names.length;
  const { images, inputSize: size, verified } = file;
  const found = exploreDataset({ images, crops, size, rows, features, limits: verified?.limits });
  return { file, crops, found, report: describeReport(file, rows, found) };
}

/** The page, as HTML. Throws `dataset-damaged`. */
export async function reportDataset(folder: string): Promise<string> {
  const { file, crops, found, report } = await explore(folder);
  const picture = (images: readonly number[], columns: number) => drawSheet(file, crops, images, columns);
  const sheets = await Promise.all(
    file.labels.map(async (label) => {
      const members = file.images.flatMap(({ grade }, i) => (grade === label ? [i] : []));
      const stride = Math.max(1, Math.floor(members.length / (sheetColumns * sheetRows)));
      const shown = members.filter((_, i) => i % stride === 0).slice(0, sheetColumns * sheetRows);
      return `<h3>${escaped(label)}</h3>${await picture(shown, sheetColumns)}`;
    }),
  );
  const outliers = await Promise.all(
    found.outliers.map(async ({ image, feature, z }) => {
      const { grade, group } = file.images[image]!;
      return `<figure>${await picture([image], 1)}<figcaption>${escaped(grade)}, ${names[feature]} ${z.toFixed(1)}<br>${escaped(group)}</figcaption></figure>`;
    }),
  );
  const duplicates = await Promise.all(
    found.duplicates.map(async ({ a, b, correlation }) => {
      const [one, other] = [file.images[a]!, file.images[b]!];
      const marks = [
        one.grade === other.grade ? '' : `<b>${escaped(one.grade)} and ${escaped(other.grade)}</b>`,
        one.split === other.split ? '' : `<b>${one.split} and ${other.split}</b>`,
      ].filter((mark) => mark !== '');
      return `<figure>${await picture([a, b], 2)}<figcaption>alike by ${correlation.toFixed(2)}<br>${marks.join('<br>') || 'same grade and split'}</figcaption></figure>`;
    }),
  );
  const histograms = report.features.map((feature) => drawHistogram(feature, colourOf));
  return page(`${file.name}@${file.digest.slice(0, 12)}`, [
    `<p>${counted(file.images.length, 'image')} of ${counted(file.groups, 'group')}, ${file.inputSize} × ${file.inputSize} pixels; ${escaped(file.source)}.</p>${legend(file.labels)}`,
    ...file.notes.map((note) => `<p class="soft">${escaped(note)}</p>`),
    `<h2>Balance</h2>${balance(report)}`,
    `<h2>Features by grade</h2><p class="soft">Set ${viewSet.set}; each grade's histogram has the same area.</p><div class="grid">${histograms.join('')}</div>`,
    `<h2>Features by group</h2><p class="soft">From least to most, the middle half and the median, over what the histograms reach over.</p>${drawDistributions(report)}`,
    `<h2>Feature importance</h2>${importance(report.importance)}`,
    `<h2>Correlation</h2>${correlation(report.correlation)}`,
    `<h2>Outliers</h2><p class="soft">Furthest from their grade's median, in robust deviations (5 or more).</p><div class="row">${outliers.join('') || '<p>None.</p>'}</div>`,
    `<h2>Near duplicates</h2><p class="soft">Of different groups, among ${counted(found.looked, 'image')}, by the rule of freezing (the detail of their skins correlates; 1 is the same picture); across grades and splits first.</p><div class="row">${duplicates.join('') || '<p>None.</p>'}</div>`,
    `<h2>Contact sheets</h2>${sheets.join('')}`,
  ]);
}

async function drawSheet(
  { inputSize: size }: DatasetFile,
  crops: Uint8Array,
  images: readonly number[],
  columns: number,
): Promise<string> {
  const width = Math.min(columns, images.length) * size;
  const height = Math.ceil(images.length / columns) * size;
  const pixels = new Uint8Array(width * height * 3);
  images.forEach((image, at) => {
    const left = (at % columns) * size;
    const top = Math.floor(at / columns) * size;
    for (let y = 0; y < size; y++) {
      const from = (image * size + y) * size * 3;
      pixels.set(crops.subarray(from, from + size * 3), ((top + y) * width + left) * 3);
    }
  });
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return `<img alt="${counted(images.length, 'image')}" width="${width}" height="${height}" src="data:image/png;base64,${png.toString('base64')}">`;
}

function balance({ balance, labels }: DatasetReport): string {
  const rows = balance.map(({ split, images, byGrade }) => {
    const cells = byGrade.map(({ count }) => count);
    let x = 0;
    const bars = cells.map((count, l) => {
      const width = (400 * count) / Math.max(1, images);
      const bar = `<rect x="${x}" width="${width}" height="16" fill="${colourOf(l)}"/>`;
      x += width;
      return bar;
    });
    return `<tr><th>${split}</th>${cells.map((count) => `<td>${count}</td>`).join('')}<td><svg width="400" height="16">${bars.join('')}</svg></td></tr>`;
  });
  return `<table><tr><th></th>${labels.map((label) => `<th>${escaped(label)}</th>`).join('')}<th></th></tr>${rows.join('')}</table>`;
}

function importance({
  accuracy,
  known,
  judged,
  groups,
  drawnBy,
  repeats,
  features,
}: DatasetReport['importance']): string {
  if (features.length === 0)
    return '<p>No images inside or none outside the train split: nothing can be judged.</p>';
  const most = Math.max(0.01, ...features.map(({ high }) => high));
  const at = (value: number): number => 20 + Math.max(-18, (300 * value) / most);
  const rows = features.map(({ name, mean, low, high, candidateToDrop }) => {
    const bar = `<rect x="20" y="3" width="${Math.max(0, at(mean) - 20)}" height="10" fill="${candidateToDrop ? '#b8b8b8' : colours[0]}"/><line x1="${at(low)}" x2="${at(high)}" y1="8" y2="8" stroke="#333"/>`;
    return `<tr><th>${name}</th><td>${points(mean)} points</td><td>${points(low)} to ${points(high)}</td><td><svg width="340" height="16">${bar}</svg></td><td>${candidateToDrop ? 'candidate to drop' : ''}</td></tr>`;
  });
  const about = `A vote of 5 neighbours among ${counted(known, 'image')} of the train split is right on ${points(accuracy)} % of ${judged} others, of ${counted(groups, 'group')}. Bars: what shuffling a feature costs it, mean of ${repeats} shuffles, with the interval of 95 % over shuffles and ${drawnBy}s${drawnBy === 'image' ? ' (there are few groups, and it says nothing of new ones)' : ''}. ${judged < judgedMin ? `Of fewer than ${counted(judgedMin, 'image')} none is said to be of no use.` : `Where even the upper end is a point at most, the feature is a candidate to drop.`}`;
  return `<p class="soft">${about}</p><table>${rows.join('')}</table>`;
}

function points(share: number): string {
  return (share * 100).toFixed(1);
}

function correlation(matrix: readonly (readonly number[])[]): string {
  const head = names.map((name) => `<th>${name}</th>`).join('');
  const rows = matrix.map((row, f) => {
    const cells = row.map((r) => {
      const tint = r < 0 ? `rgba(178,58,30,${-r * 0.6})` : `rgba(15,123,108,${r * 0.6})`;
      return `<td style="background:${tint}">${r.toFixed(2)}</td>`;
    });
    return `<tr><th>${names[f]}</th>${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><tr><th></th>${head}</tr>${rows.join('')}</table></div>`;
}

function legend(labels: readonly string[]): string {
  return `<p>${labels.map((label, l) => `<span style="color:${colourOf(l)}">■</span> ${escaped(label)}`).join(' &nbsp; ')}</p>`;
}

function colourOf(label: number): string {
  return colours[label % colours.length]!;
}

function page(title: string, parts: readonly string[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} · Pomona</title><style>
body{font:15px/1.5 system-ui,sans-serif;color:#1c211f;background:#f5f4f0;margin:0 auto;padding:24px;max-width:1100px}
h1{font-size:24px}h2{font-size:18px;margin:32px 0 8px}h3{font-size:15px;margin:12px 0 4px}.soft{color:#5c625f;margin:0 0 8px}
.grid,.row{display:flex;flex-wrap:wrap;gap:16px}figure{margin:0;background:#fff;border:1px solid #deddd8;border-radius:8px;padding:10px}
figcaption{font-size:13px}table{border-collapse:collapse;background:#fff;border:1px solid #deddd8}th,td{padding:3px 10px;text-align:right;font-size:13px}
.wide{overflow-x:auto}th:first-child{text-align:left}img{display:block;max-width:100%;height:auto}</style></head><body><h1>${escaped(title)}</h1>${parts.join('\n')}</body></html>\n`;
}
