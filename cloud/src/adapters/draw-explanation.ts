import type { Explanation } from '@pomona/wire';
import sharp from 'sharp';

/** What speaks for the label is orange, what speaks against it blue: apart for colour-blind eyes, and no colours of apples together. */
const speaksFor = [255, 140, 0];
const speaksAgainst = [30, 110, 255];
const opacityMax = 0.7;

/** A crop's PNG with what spoke for one label over it, PNG; the strongest cell of all labels is the deepest. Both in base64. */
export async function drawExplanation(
  cropPng: string,
  { rows, columns, byLabel }: Explanation,
  label: string,
  sidePx: number,
): Promise<string> {
  const { evidence = [] } = byLabel.find((each) => each.label === label) ?? {};
  const most = Math.max(1e-9, ...byLabel.flatMap((each) => each.evidence.map(Math.abs)));
  const tint = Uint8Array.from(
    evidence.flatMap((value) => [
      ...(value > 0 ? speaksFor : speaksAgainst),
      // By the root: beside one strong cell the others would not be seen.
      Math.round(255 * opacityMax * Math.sqrt(Math.abs(value) / most)),
    ]),
  );
  const overlay = await sharp(tint, { raw: { width: columns, height: rows, channels: 4 } })
    .resize(sidePx, sidePx, { kernel: 'linear', fit: 'fill' })
    .png()
    .toBuffer();
  const drawn = await sharp(Buffer.from(cropPng, 'base64'))
    .resize(sidePx, sidePx)
    .composite([{ input: overlay }])
    .png()
    .toBuffer();
  return drawn.toString('base64');
}
