import sharp from 'sharp';
import { portraitSize } from './draw-portraits.ts';

const columns = 12;
const rowsPerGrade = 2;

interface Scored {
  readonly crop: Uint8Array;
  readonly isBad: boolean;
  readonly path: string;
  readonly score: number;
}

/** The good fruit that scored highest, then the bad fruit that scored lowest. */
export function worstOf<T extends Scored>(scored: readonly T[]): { readonly good: T[]; readonly bad: T[] } {
  const count = columns * rowsPerGrade;
  const good = scored.filter(({ isBad }) => !isBad).sort((a, b) => b.score - a.score);
  const bad = scored.filter(({ isBad }) => isBad).sort((a, b) => a.score - b.score);
  return { good: good.slice(0, count), bad: bad.slice(0, count) };
}

/** Two rows of good fruit above two of bad; PNG. */
export function drawSheet({ good, bad }: ReturnType<typeof worstOf>): Promise<Buffer> {
  const layers = [good, bad].flatMap((kind, block) =>
    kind.map(({ crop }, at) => ({
      input: Buffer.from(crop),
      raw: { width: portraitSize, height: portraitSize, channels: 3 as const },
      left: (at % columns) * portraitSize,
      top: (block * rowsPerGrade + Math.floor(at / columns)) * portraitSize,
    })),
  );
  const [width, height] = [columns * portraitSize, 2 * rowsPerGrade * portraitSize];
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(layers)
    .png()
    .toBuffer();
}
