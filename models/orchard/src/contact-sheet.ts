import sharp from 'sharp';
import { type FruitViews, renderViews } from './render-views.ts';
import { trueGrades } from './truth.ts';

export interface ContactSheetOptions {
  readonly seed: number;
  /** Over all grades; each gets a third of them, at least one. */
  readonly columns: number;
  readonly rows: number;
  readonly scenario?: string;
}

const cellPx = 128;
const gapPx = 16;
const titlePx = 28;
/** Enough that rare grades fill their third. */
const fruitsMaxPerCell = 12;

/** Fruit by grade, good | ok | bad, each as the line's crop of one view; PNG. */
export async function contactSheet(options: ContactSheetOptions): Promise<Uint8Array> {
  const { rows } = options;
  const columns = Math.max(1, Math.floor(options.columns / trueGrades.length));
  const perGrade = columns * rows;
  const width = trueGrades.length * (columns * cellPx + gapPx) - gapPx;
  const height = titlePx + rows * cellPx;
  const found = fruitOf(options, perGrade);
  const layers = trueGrades.flatMap((grade, g) => {
    const left = g * (columns * cellPx + gapPx);
    const chosen = found[grade] ?? [];
    return [
      { input: titleOf(grade, columns * cellPx), left, top: 0 },
      ...chosen.map((crop, i) => ({
        input: crop,
        raw: { width: cellPx, height: cellPx, channels: 3 as const },
        left: left + (i % columns) * cellPx,
        top: titlePx + Math.floor(i / columns) * cellPx,
      })),
    ];
  });
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(layers)
    .png()
    .toBuffer();
}

/** Up to `count` crops of each grade. */
function fruitOf({ seed, scenario }: ContactSheetOptions, count: number): Record<string, Buffer[]> {
  const found: Record<string, Buffer[]> = Object.fromEntries(trueGrades.map((grade) => [grade, []]));
  const fruits = renderViews({
    ...{ seed, fruits: count * fruitsMaxPerCell, viewsPerFruit: 1, size: cellPx },
    ...(scenario === undefined ? {} : { scenario }),
  });
  for (const fruit of fruits) {
    const own = found[fruit.grade]!;
    if (own.length < count && showsItsGrade(fruit)) own.push(Buffer.from(fruit.crops));
    if (Object.values(found).every((each) => each.length >= count)) break;
  }
  return found;
}

/** A bad fruit may show its clean side; on a sheet it should not. */
function showsItsGrade({ grade, viewGrades }: FruitViews): boolean {
  return viewGrades[0] === grade;
}

function titleOf(text: string, width: number): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${titlePx}"><text x="8" y="20" font-family="sans-serif" font-size="18" fill="#ddd">${text}</text></svg>`,
  );
}
