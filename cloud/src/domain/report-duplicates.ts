/** Near duplicates by the rule of freezing, so that a page about a version says nothing else than what made it. */
import type { ImageLimits } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { hammingDistance } from './difference-hash.ts';
import { defaultImageLimits } from './image-limits.ts';
import { correlationOf, lookOf } from './near-duplicates.ts';
import { lineTwinCorrelation } from './place-beside.ts';

export interface NearDuplicate {
  readonly a: number;
  readonly b: number;
  /** Of the detail of their skins; 1 of the same pixels. */
  readonly correlation: number;
}

const duplicatesMax = 12;

/** Pairs of different groups among `looked`, across grades and splits first. `crops` uint8 [images, size, size, 3]. */
export function nearDuplicates(
  {
    images,
    crops,
    size,
    limits,
  }: {
    readonly images: readonly DatasetImage[];
    readonly crops: Uint8Array;
    readonly size: number;
    readonly limits?: ImageLimits | undefined;
  },
  looked: readonly number[],
): NearDuplicate[] {
  const { maxTwinBits, minTwinCorrelation } = { ...defaultImageLimits, ...limits };
  const bytes = size * size * 3;
  const looks = looked.map((image) => lookOf(crops.subarray(image * bytes, (image + 1) * bytes), size));
  const pairs: NearDuplicate[] = [];
  for (let i = 0; i < looked.length; i++) {
    const [a, one] = [looked[i]!, images[looked[i]!]!];
    for (let j = i + 1; j < looked.length; j++) {
      const [b, other] = [looked[j]!, images[looked[j]!]!];
      if (one.group === other.group) continue;
      if (one.digest === other.digest) {
        pairs.push({ a, b, correlation: 1 });
        continue;
      }
      // Groups of drawn fruit are known to be different fruit.
      if (isDrawn(one) && isDrawn(other)) continue;
      if (hammingDistance(looks[i]!.hash, looks[j]!.hash) > maxTwinBits) continue;
      const arePhotographs = one.original !== undefined && other.original !== undefined;
      const enough = arePhotographs ? minTwinCorrelation : lineTwinCorrelation;
      const correlation = correlationOf(looks[i]!, looks[j]!);
      if (correlation >= enough) pairs.push({ a, b, correlation });
    }
  }
  const weight = ({ a, b }: NearDuplicate): number =>
    Number(images[a]!.grade !== images[b]!.grade) * 2 + Number(images[a]!.split !== images[b]!.split);
  return pairs.sort((x, y) => weight(y) - weight(x) || y.correlation - x.correlation).slice(0, duplicatesMax);
}

/** Of all else somebody gave the grade. */
function isDrawn({ original, labelled }: DatasetImage): boolean {
  return original === undefined && labelled === undefined;
}
