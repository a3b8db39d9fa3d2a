import { describe, expect, it } from 'vitest';
import { geometryProblem } from './geometry-problem.ts';

const geometry = {
  frameWidthPx: 640,
  frameHeightPx: 480,
  mmPerPx: 0.5,
  lanes: 1,
  gateDistanceMm: 300,
  fruitDiameterMinMm: 55,
  fruitDiameterMaxMm: 110,
};

describe('geometryProblem', () => {
  it('has nothing against a picture in which the largest fruit just lies', () => {
    expect(geometryProblem({ ...geometry, mmPerPx: 147 / 640 })).toBeUndefined();
    expect(geometryProblem({ ...geometry, mmPerPx: 110 / 640 })).toBeUndefined();
  });

  it.each([
    [{ mmPerPx: 109 / 640 }, 'the picture shows 109 mm of belt, and fruit up to 110 mm'],
    [{ mmPerPx: 120 / 640, fruitDiameterMaxMm: 130 }, 'the picture shows 120 mm of belt'],
    [{ mmPerPx: 100 / 640 }, 'the picture shows 100 mm of belt'],
    [{ mmPerPx: 104.46 / 640 }, 'the picture shows 104 mm of belt'],
    [{ lanes: 5 }, 'each of 5 lanes is 48 mm wide, and the smallest fruit 55 mm'],
    [{ mmPerPx: 8 }, 'the smallest fruit (55 mm) has 6.88 pixels, 8 are needed'],
  ])('says what is wrong with %j', (change, words) => {
    expect(geometryProblem({ ...geometry, ...change })).toContain(words);
  });
});
