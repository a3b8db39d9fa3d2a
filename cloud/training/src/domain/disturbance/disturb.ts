/**
 * What a line's pictures suffer besides light and orientation: any angle, a mask that is off, leaves and fingers, highlights, blur,
 * noise, a background. Works in place on a planar crop that was turned and lit already.
 */
import type { Augmentation } from '@pomona/catalog';
import { type Random, randomBetween } from '@pomona/wire';
import { addHighlight, addNoise, blurCrop } from './camera-faults.ts';
import { fillBackground, hideInMap, jitterEdge, occlude, polarOf } from './mask-faults.ts';
import { turnCrop, turnMap } from './turn-freely.ts';

/** `pixels` uint8 [3, size, size], `map` uint8 [cells, cells, 2]. */
export type Disturb = (pixels: Uint8Array, map: Uint8Array, random: Random) => void;

export function isDisturbing(strength: Augmentation): boolean {
  const { rotation, blur, noise, highlights, occlusion, edge, background } = strength;
  return rotation + blur + noise + highlights + occlusion + edge + background > 0;
}

/** Undefined where nothing is to be done; then nothing random is drawn either. */
export function disturbing(size: number, cells: number, strength: Augmentation): Disturb | undefined {
  const { rotation, blur, noise, highlights, occlusion, edge, background } = strength;
  if (!isDisturbing(strength)) return undefined;
  const plane = size * size;
  const mask = new Uint8Array(plane);
  const hidden = new Uint8Array(plane);
  const scratch = new Uint8Array(4 * plane);
  const mapScratch = new Uint8Array(2 * cells * cells);
  const sums = new Float32Array(4 * plane);
  const polar = polarOf(size);
  return (pixels, map, random) => {
    for (let at = 0; at < plane; at++)
      mask[at] = (pixels[at]! | pixels[plane + at]! | pixels[2 * plane + at]!) === 0 ? 0 : 1;
    if (rotation > 0) {
      const angle = randomBetween(random, -rotation, rotation);
      turnCrop(pixels, mask, scratch, size, angle);
      turnMap(map, mapScratch, cells, angle);
    }
    if (edge > 0) jitterEdge(pixels, mask, polar, edge * size, random);
    if (happens(occlusion, random)) {
      hidden.fill(0);
      occlude(pixels, mask, hidden, size, random);
      hideInMap(map, cells, hidden, size);
    }
    if (highlights > 0) addHighlight(pixels, mask, size, random.next() * highlights, random);
    // Below that a Gaussian is a point.
    const deviation = blur > 0 ? random.next() * blur : 0;
    if (deviation > 0.2) blurCrop(pixels, mask, sums, size, deviation);
    if (noise > 0) addNoise(pixels, mask, random.next() * noise, random);
    if (happens(background, random)) fillBackground(pixels, mask, size, random);
  };
}

function happens(share: number, random: Random): boolean {
  return share > 0 && random.next() < share;
}
