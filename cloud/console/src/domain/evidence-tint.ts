import type { Explanation } from '@pomona/wire';

/** What speaks for a label is orange, what speaks against it blue: apart for colour-blind eyes. */
const speaksFor = [255, 140, 0] as const;
const speaksAgainst = [30, 110, 255] as const;
const opacityMax = 0.7;

/** RGBA of each cell, row by row: the strongest of all labels is the deepest, so that labels can be held beside each other. */
export function evidenceTint({ byLabel }: Explanation, label: string): Uint8ClampedArray<ArrayBuffer> {
  const evidence = byLabel.find((each) => each.label === label)?.evidence ?? [];
  const most = byLabel
    .flatMap((each) => each.evidence)
    .reduce((max, each) => Math.max(max, Math.abs(each)), 0);
  const tint = new Uint8ClampedArray(evidence.length * 4);
  if (most === 0) return tint;
  evidence.forEach((value, cell) => {
    // By the root: beside one strong cell the others would not be seen.
    const opacity = 255 * opacityMax * Math.sqrt(Math.abs(value) / most);
    tint.set([...(value > 0 ? speaksFor : speaksAgainst), opacity], cell * 4);
  });
  return tint;
}
