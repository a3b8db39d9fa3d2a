/**
 * Drawn lines on which fruit touches, rolls either way and comes with leaves, empty cups and hands: located, cut apart and tracked by
 * the agent's own code, compared with what was drawn.
 */
import { Detections, FruitTracker, type Track } from '@pomona/edge-agent';
import { LineBackground, locateFruit } from '@pomona/grading';
import { Line, type LineOptions, type PassingFruit, type Stranger, strangerPlace } from '@pomona/orchard';
import { describe, expect, it } from 'vitest';

const framesPerS = 12;
/** A view is of what it lies nearest to, if that is as near as this. */
const nearMm = 25;

interface Followed {
  /** What each view is of: a fruit, a stranger, or nothing that was drawn. */
  readonly views: (PassingFruit | Stranger | undefined)[];
}

interface Outcome {
  readonly taken: readonly Track<Followed>[];
  readonly refused: readonly Track<Followed>[];
  /** Of which nothing more could come. */
  readonly fruits: readonly PassingFruit[];
  readonly strangers: readonly Stranger[];
  /** With a hand in the picture while they passed. */
  readonly disturbed: ReadonlySet<PassingFruit>;
}

function watch(options: LineOptions, frames: number): Outcome {
  const line = new Line(options);
  const { geometry } = line;
  const { frameWidthPx: width, frameHeightPx: height, mmPerPx } = geometry;
  const background = new LineBackground(width, height);
  const detections = new Detections();
  const tracker = new FruitTracker<Followed>(
    {
      viewMm: width * mmPerPx,
      diameterMinMm: geometry.fruitDiameterMinMm,
      diameterMaxMm: geometry.fruitDiameterMaxMm,
      gateFarthestMm: geometry.gateDistanceMm,
    },
    () => ({ views: [] }),
  );
  const data = new Uint8Array(width * height * 3);
  const outcome = {
    taken: [] as Track<Followed>[],
    refused: [] as Track<Followed>[],
    fruits: [] as PassingFruit[],
    strangers: new Set<Stranger>(),
    disturbed: new Set<PassingFruit>(),
  };
  for (let seq = 0; seq < frames; seq++) {
    const encoderMm = (seq / framesPerS) * line.beltMmPerS;
    outcome.fruits.push(...line.advance(encoderMm));
    line.draw(data, encoderMm, seq);
    if (line.hand(encoderMm) !== undefined) for (const fruit of line.passing) outcome.disturbed.add(fruit);
    for (const each of line.strangers) if (encoderMm > each.positionMm) outcome.strangers.add(each);
    const frame = { width, height, data, seq, capturedAtMs: 0, encoderMm };
    const blobs = locateFruit(frame, background, geometry);
    const { views, lost, left } = tracker.update(encoderMm, detections.of(blobs, geometry));
    const drawn = [
      ...line.passing.map((of) => ({ of, at: line.place(of, encoderMm) })),
      ...line.strangers.map((of) => ({ of, at: strangerPlace(of, geometry, encoderMm) })),
    ];
    views.forEach((track, i) => {
      const away = ({ at }: (typeof drawn)[number]) =>
        Math.hypot(at.xPx - blobs[i]!.xPx, at.yPx - blobs[i]!.yPx) * mmPerPx;
      const nearest = drawn.filter((each) => away(each) < nearMm).sort((a, b) => away(a) - away(b))[0];
      track?.fruit.views.push(nearest?.of);
    });
    for (const track of [...lost, ...left])
      (track.isFruit ? outcome.taken : outcome.refused).push({ ...track });
  }
  return { ...outcome, strangers: [...outcome.strangers] };
}

/** Of a track, what most of its views are of. */
function mostOf({ fruit: { views } }: Track<Followed>): PassingFruit | Stranger | undefined {
  const counts = new Map<PassingFruit | Stranger | undefined, number>();
  for (const view of views) counts.set(view, (counts.get(view) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function touching({ fruits }: Outcome): PassingFruit[] {
  return fruits.filter((fruit) =>
    fruits.some(
      (other) =>
        other !== fruit &&
        other.lane === fruit.lane &&
        Math.abs(other.positionMm - fruit.positionMm) <
          (other.fruit.diameterMm + fruit.fruit.diameterMm) / 2 + 1,
    ),
  );
}

describe('a line on which fruit touches', () => {
  it('gives every fruit one identity with views of its own, at ten fruits a second in each of two lanes, rolling either way', () => {
    const outcome = watch({ seed: 7, fruitsPerS: 20, touchingShare: 0.4, backwardShare: 0.5 }, 150);
    expect(touching(outcome).length).toBeGreaterThan(80);
    expect(new Set(outcome.fruits.map((fruit) => fruit.rollsBackward)).size).toBe(2);
    const switched = outcome.taken.filter(({ fruit: { views } }) => new Set(views).size > 1);
    expect(switched.length / outcome.taken.length).toBeLessThanOrEqual(0.002);
    for (const fruit of outcome.fruits) {
      const own = outcome.taken.filter((track) => mostOf(track) === fruit);
      expect(own.length, `fruit ${fruit.id}`).toBe(1);
      expect(own[0]!.fruit.views.length, `fruit ${fruit.id}`).toBeGreaterThanOrEqual(4);
    }
    expect(outcome.taken.filter((track) => mostOf(track) === undefined)).toEqual([]);
    expect(outcome.refused).toEqual([]);
  });

  it('refuses no fruit of a late harvest, with rot as dark as the belt', () => {
    const outcome = watch({ seed: 12, fruitsPerS: 20, touchingShare: 0.3, scenario: 'late-harvest' }, 150);
    expect(outcome.refused).toEqual([]);
    for (const fruit of outcome.fruits)
      expect(outcome.taken.filter((track) => mostOf(track) === fruit).length, `fruit ${fruit.id}`).toBe(1);
  });
});

describe('a line with leaves, empty cups and hands', () => {
  it('takes none of them for fruit, refuses no fruit, and leaves its neighbours their views', () => {
    const outcome = watch(
      {
        ...{ seed: 202, fruitsPerS: 10, touchingShare: 0.3 },
        ...{ strangers: ['leaf', 'cup', 'hand'], strangerShare: 0.4 },
      },
      310,
    );
    const kinds = outcome.strangers.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['leaf', 'cup']));
    expect(outcome.disturbed.size).toBeGreaterThan(5);
    const fruits = new Set<unknown>(outcome.fruits);
    for (const track of outcome.refused) expect(fruits.has(mostOf(track))).toBe(false);
    expect(outcome.refused.length).toBeGreaterThanOrEqual(outcome.strangers.length - 1);
    const passing = outcome.taken.map(mostOf);
    expect(passing.filter((of) => of === undefined || 'kind' in of)).toEqual([]);
    for (const fruit of outcome.fruits) {
      expect(passing.filter((of) => of === fruit).length, `fruit ${fruit.id}`).toBe(1);
      if (outcome.disturbed.has(fruit)) continue;
      const own = outcome.taken.find((track) => mostOf(track) === fruit)!;
      expect(own.fruit.views.length, `fruit ${fruit.id}`).toBeGreaterThanOrEqual(8);
    }
  });
});
