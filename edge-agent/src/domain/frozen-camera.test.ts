import { describe, expect, it } from 'vitest';
import { FrozenCamera } from './frozen-camera.ts';

/** The seconds at which it is started again. */
function startsOf(camera: FrozenCamera, fromS: number, toS: number, isFrozen: boolean): number[] {
  const starts: number[] = [];
  for (let s = fromS; s < toS; s++) if (camera.step(isFrozen, s * 1_000)) starts.push(s);
  return starts;
}

describe('a camera that is frozen', () => {
  it('is started again after ten seconds, and then after ever longer', () => {
    expect(startsOf(new FrozenCamera(), 0, 1_000, true)).toEqual([10, 70, 370, 670, 970]);
  });

  it('is started again soon once its picture was alive for a minute, and not before', () => {
    const camera = new FrozenCamera();
    expect(startsOf(camera, 0, 71, true)).toEqual([10, 70]);
    expect(startsOf(camera, 71, 100, false)).toEqual([]);
    expect(startsOf(camera, 100, 401, true)).toEqual([400]);
    expect(startsOf(camera, 401, 470, false)).toEqual([]);
    expect(startsOf(camera, 470, 500, true)).toEqual([480]);
  });

  it('is left alone while its picture is alive', () => {
    expect(startsOf(new FrozenCamera(), 0, 1_000, false)).toEqual([]);
  });
});
