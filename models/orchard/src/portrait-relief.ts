import { cropFill } from '@pomona/grading';
import type { PortraitForm } from './portrait-form.ts';

/** Where the skin looks, as light sees it: unit vectors, one per pixel of a portrait. */
export interface SkinNormals {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/**
 * The ball's directions, bent by the slopes of the relief (Blinn 1978, "Simulation of wrinkled surfaces"): a dent is bright
 * on the side that looks to the lamp and dark on the other, and tears what the skin mirrors apart.
 */
export function skinNormals(form: PortraitForm): SkinNormals {
  const { size, mask, relief } = form;
  const [x, y, z] = [form.x.slice(), form.y.slice(), form.z.slice()];
  const spacing = 2 / (size * cropFill);
  const slope = (i: number, step: number): number => {
    const before = mask[i - step] === 1 ? i - step : i;
    const after = mask[i + step] === 1 ? i + step : i;
    return after === before
      ? 0
      : (relief[after]! - relief[before]!) / (spacing * (after - before === step ? 1 : 2));
  };
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [across, down] = [slope(i, 1), slope(i, size)];
    if (across === 0 && down === 0) continue;
    // Of the slopes in the picture, what lies in the skin's own plane.
    const out = across * x[i]! + down * y[i]!;
    const bent = [x[i]! - across + out * x[i]!, y[i]! - down + out * y[i]!, z[i]! + out * z[i]!] as const;
    const length = Math.hypot(...bent);
    [x[i], y[i], z[i]] = [bent[0] / length, bent[1] / length, bent[2] / length];
  }
  return { x, y, z };
}
