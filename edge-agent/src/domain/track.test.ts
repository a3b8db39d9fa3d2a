import { randomBetween, randomInt, randomNormal, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { Detection } from './detection.ts';
import type { Track } from './live-track.ts';
import { FruitTracker, type TrackerOptions } from './track.ts';

const viewMm = 576;
const options = { viewMm, diameterMinMm: 60, diameterMaxMm: 90, gateFarthestMm: 300 };

interface TrueFruit {
  readonly name: string;
  readonly lane: number;
  /** Where the fruit is when the encoder reads 0. */
  readonly originMm: number;
  readonly diameterMm: number;
}

/** What the locator would say of fruits at one encoder reading. */
function seen(fruits: readonly TrueFruit[], encoderMm: number): (Detection & { name: string })[] {
  return fruits.flatMap(({ name, lane, originMm, diameterMm }) => {
    const xMm = originMm + encoderMm;
    const radius = diameterMm / 2;
    if (xMm + radius <= 0 || xMm - radius >= viewMm) return [];
    const left = Math.max(0, xMm - radius);
    const right = Math.min(viewMm, xMm + radius);
    const touchesEdge = left === 0 || right === viewMm;
    return [
      { name, lane, xMm: (left + right) / 2, lengthMm: right - left, widthMm: diameterMm, touchesEdge },
    ];
  });
}

interface Seen {
  readonly views: string[];
  lastViewMm: number;
}

/** Runs a belt; returns per handed-out fruit the names that its views were of, and when it was handed out. */
class Belt {
  readonly tracker: FruitTracker<Seen>;
  readonly left: { track: Track<Seen>; encoderMm: number }[] = [];

  constructor(change: Partial<TrackerOptions> = {}) {
    this.tracker = new FruitTracker<Seen>({ ...options, ...change }, () => ({ views: [], lastViewMm: 0 }));
  }

  frame(encoderMm: number, detections: readonly (Detection & { name?: string })[]): void {
    const update = this.tracker.update(encoderMm, detections);
    update.views.forEach((track, i) => {
      if (track === undefined) return;
      track.fruit.views.push(detections[i]!.name ?? 'noise');
      track.fruit.lastViewMm = encoderMm;
    });
    for (const track of [...update.lost, ...update.left]) this.left.push({ track: { ...track }, encoderMm });
  }

  get names(): string[][] {
    return this.left.map(({ track }) => [...new Set(track.fruit.views)]);
  }
}

function row(count: number, pitchMm: (i: number) => number, lane = 0, diameterMm = 75): TrueFruit[] {
  let originMm = -60;
  return Array.from({ length: count }, (_, i) => {
    originMm -= i === 0 ? 0 : pitchMm(i);
    return { name: `${lane}/${i}`, lane, originMm, diameterMm };
  });
}

describe('FruitTracker', () => {
  it('makes use again of what it kept of a fruit when that has met its gate, and not before', () => {
    let encoderMm = 0;
    const made: { seenAtMm: number }[] = [];
    const again: number[] = [];
    const tracker = new FruitTracker<{ seenAtMm: number }>(options, (gone) => {
      if (gone !== undefined) again.push(encoderMm - gone.seenAtMm);
      else made.push({ seenAtMm: 0 });
      return gone ?? made.at(-1)!;
    });
    const fruits = Array.from({ length: 40 }, (_, i) => {
      return { name: `${i}`, lane: 0, originMm: -40 - 120 * i, diameterMm: 75 };
    });
    let left = 0;
    for (; encoderMm < 6_000; encoderMm += 40) {
      const update = tracker.update(encoderMm, seen(fruits, encoderMm));
      for (const track of update.views) if (track !== undefined) track.fruit.seenAtMm = encoderMm;
      for (const track of update.left) expect(track.originMm).toBeCloseTo(fruits[left++]!.originMm, 0);
    }
    expect(left).toBe(fruits.length);
    expect(again).toHaveLength(fruits.length - made.length);
    expect(made.length).toBeLessThan(15);
    // It was seen last before the exit.
    for (const sinceMm of again) expect(sinceMm).toBeGreaterThan(options.gateFarthestMm);
  });

  it('uses all again that it kept of a crowd, so that none of it is held for ever', () => {
    const made: { usedAtMm: number }[] = [];
    let encoderMm = 0;
    const tracker = new FruitTracker<{ usedAtMm: number }>(options, (gone) => {
      const fruit = gone ?? { usedAtMm: encoderMm };
      if (gone === undefined) made.push(fruit);
      fruit.usedAtMm = encoderMm;
      return fruit;
    });
    const crowd = row(20, () => 80).concat(row(20, () => 80, 1));
    const few = row(80, () => 240).map((fruit) => ({ ...fruit, originMm: fruit.originMm - 1_700 }));
    for (; encoderMm < 21_000; encoderMm += 40)
      tracker.update(encoderMm, seen([...crowd, ...few], encoderMm));
    expect(made.length).toBeGreaterThan(12);
    // By those alone that came after the crowd had met its gates.
    for (const { usedAtMm } of made) expect(usedAtMm).toBeGreaterThan(4_000);
  });

  it('gives each fruit of two lanes one identity, in the order of leaving', () => {
    const fruits = [
      ...row(8, () => 130, 0),
      ...row(8, () => 130, 1).map((f) => ({ ...f, originMm: f.originMm - 50 })),
    ];
    const belt = new Belt();
    for (let mm = 0; mm < 2200; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    expect(belt.names).toEqual(Array.from({ length: 8 }, (_, i) => [[`0/${i}`], [`1/${i}`]]).flat());
    for (const { track } of belt.left) expect(track.fruit.views.length).toBeGreaterThan(14);
    expect(belt.tracker.ghosts).toBe(0);
    expect(belt.tracker.open()).toEqual([]);
  });

  it('keeps identities exact through misses, noise, gaps, slip, dropped frames and false alarms', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed, 'track');
      const fruits = [0, 1].flatMap((lane) =>
        row(40, () => (random.next() < 0.1 ? 700 : randomBetween(random, 92, 180)), lane).map((fruit) => ({
          ...fruit,
          diameterMm: randomBetween(random, 60, 90),
        })),
      );
      const belt = new Belt();
      const endMm = 900 - Math.min(...fruits.map((fruit) => fruit.originMm));
      for (let mm = 0; mm < endMm; mm += randomBetween(random, 20, 30) * (random.next() < 0.03 ? 2 : 1)) {
        const detections = seen(fruits, mm)
          .filter(() => random.next() > 0.15)
          .map((d) => ({
            ...d,
            xMm: d.xMm + randomNormal(random) * 2 + Math.sin(mm / 90) * 3,
            lengthMm: d.lengthMm * (1 + 0.04 * randomNormal(random)),
            widthMm: d.widthMm * (1 + 0.04 * randomNormal(random)),
          }));
        // A glint now and then, where no fruit is.
        const xMm = randomBetween(random, 60, 510);
        const lane = randomInt(random, 2);
        const isFree = fruits.every((f) => f.lane !== lane || Math.abs(f.originMm + mm - xMm) > 70);
        const glint = { name: 'noise', lane, xMm, lengthMm: 60, widthMm: 60, touchesEdge: false };
        if (random.next() < 0.05 && isFree && mm > viewMm) detections.push(glint);
        belt.frame(mm, detections);
      }
      const found = belt.left.map(({ track }) =>
        [...new Set(track.fruit.views)].filter((n) => n !== 'noise'),
      );
      expect(found.toSorted(), `seed ${seed}`).toEqual(fruits.map((f) => [f.name]).toSorted());
    }
  });

  it('keeps touching fruits apart', () => {
    const belt = new Belt();
    const fruits = row(6, () => 76);
    for (let mm = 0; mm < 1400; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    expect(belt.names).toEqual(fruits.map((f) => [f.name]));
  });

  it('counts the fruits of a clump that is never seen apart, without a view of any', () => {
    const belt = new Belt();
    const pair = { lane: 0, lengthMm: 150, widthMm: 75 };
    for (let mm = 0; mm < 900; mm += 27.5) {
      const xMm = mm - 100;
      const touchesEdge = xMm < 75 || xMm > viewMm - 75;
      belt.frame(mm, xMm > -75 && xMm < viewMm + 75 ? [{ ...pair, xMm, touchesEdge }] : []);
    }
    expect(belt.names).toEqual([[], []]);
  });

  it('carries two fruits over frames in which they look like one', () => {
    const belt = new Belt();
    const fruits = row(2, () => 80);
    for (let mm = 0; mm < 900; mm += 27.5) {
      const all = seen(fruits, mm);
      const areMerged = mm > 300 && mm < 450 && all.length === 2;
      const xMm = (all[0]?.xMm ?? 0) - 40;
      belt.frame(mm, areMerged ? [{ lane: 0, xMm, lengthMm: 155, widthMm: 75, touchesEdge: false }] : all);
    }
    expect(belt.names).toEqual([['0/0'], ['0/1']]);
  });

  it('takes the pieces of a fruit for one fruit', () => {
    const belt = new Belt();
    const fruits = row(2, () => 200);
    for (let mm = 0, frame = 0; mm < 1100; mm += 27.5, frame++) {
      // From its first frame on, the fruit falls into two pieces every other frame.
      const detections = seen(fruits, mm).flatMap((d) =>
        frame % 2 === 0 && !d.touchesEdge
          ? [
              { ...d, xMm: d.xMm - 18, lengthMm: 45, widthMm: 70 },
              { ...d, xMm: d.xMm + 22, lengthMm: 42, widthMm: 66 },
            ]
          : [d],
      );
      belt.frame(mm, detections);
    }
    expect(belt.names).toEqual([['0/0'], ['0/1']]);
  });

  describe('of what looks like no fruit', () => {
    const one = row(1, () => 0);
    const follow = (change: (detection: Detection, nth: number) => Partial<Detection>) => {
      const belt = new Belt();
      for (let mm = 0, nth = 0; mm < 900; mm += 27.5) {
        const seenOf = seen(one, mm).map((d) => ({ ...d, ...(d.touchesEdge ? {} : change(d, nth++)) }));
        belt.frame(mm, seenOf);
      }
      return belt;
    };
    const isFruit = (belt: Belt) => belt.left.map(({ track }) => track.isFruit);

    it('says so when most pictures do, whichever way it lies', () => {
      expect(isFruit(follow(() => ({ unlikeFruit: true })))).toEqual([false]);
      expect(isFruit(follow(() => ({ unlikeFruit: true, lengthMm: 76, widthMm: 40 })))).toEqual([false]);
      expect(isFruit(follow((_, nth) => ({ unlikeFruit: nth % 8 > 0 })))).toEqual([false]);
    });

    it('takes it for fruit when many pictures do not say so, and keeps all views', () => {
      const belt = follow((_, nth) => ({ unlikeFruit: nth % 3 > 0 }));
      expect(isFruit(belt)).toEqual([true]);
      expect(belt.left[0]!.track.fruit.views.length).toBe(
        follow(() => ({})).left[0]!.track.fruit.views.length,
      );
    });

    it('takes it for fruit when there is but one picture', () => {
      const hidden = follow((_, nth) => (nth < 1 ? { unlikeFruit: true } : { touchesEdge: true }));
      expect(isFruit(hidden)).toEqual([true]);
    });

    it('follows a thing of the size of two hands as one', () => {
      const belt = follow(() => ({ unlikeFruit: true, lengthMm: 190, widthMm: 96 }));
      expect(isFruit(belt)).toEqual([false]);
      expect(belt.names).toEqual([[]]);
    });

    it('carries two fruits over frames in which they look like one thing that is none', () => {
      const belt = new Belt();
      const fruits = row(2, () => 80);
      for (let mm = 0; mm < 900; mm += 27.5) {
        const all = seen(fruits, mm);
        const thing = {
          lane: 0,
          xMm: (all[0]?.xMm ?? 0) - 40,
          lengthMm: 155,
          widthMm: 75,
          touchesEdge: false,
        };
        const areMerged = mm > 300 && mm < 450 && all.length === 2;
        belt.frame(mm, areMerged ? [{ ...thing, unlikeFruit: true }] : all);
      }
      expect(belt.names).toEqual([['0/0'], ['0/1']]);
      expect(isFruit(belt)).toEqual([true, true]);
    });

    it('says so of what does not travel with the belt', () => {
      const belt = new Belt();
      const hand = { lane: 0, lengthMm: 80, widthMm: 80, touchesEdge: false };
      for (let mm = 0, xMm = 60; mm < 2000; mm += 27.5, xMm += 9)
        belt.frame(mm, xMm < 500 ? [{ ...hand, xMm }] : []);
      expect(isFruit(belt)).not.toContain(true);
    });
  });

  it('hands a fruit out with its last whole view, before the next frame cuts it off', () => {
    const belt = new Belt();
    const fruit = row(1, () => 0);
    for (let mm = 0; mm < 900; mm += 27.5) belt.frame(mm, seen(fruit, mm));
    const { track, encoderMm } = belt.left[0]!;
    expect(track.fruit.lastViewMm).toBe(encoderMm);
    const edgeMm = encoderMm - 60 + 75 / 2;
    expect(edgeMm).toBeLessThan(viewMm);
    // With what the locator's grid takes.
    expect(edgeMm + 1.2 * 27.5 + 6).toBeGreaterThan(viewMm);
    expect(track.originMm).toBeCloseTo(-60, 6);
  });

  it('hands it out with the next frame where the one with that view is lost', () => {
    const belt = new Belt();
    const fruits = row(60, (i) => 90 + (i % 7) * 11);
    for (let frame = 0; frame < 350; frame++) {
      if (frame % 11 !== 5) belt.frame(frame * 27.5, seen(fruits, frame * 27.5));
    }
    expect(belt.left.length).toBe(60);
    const waited = belt.left.filter(({ track, encoderMm }) => track.fruit.lastViewMm !== encoderMm);
    expect(waited.length).toBeGreaterThan(0);
    for (const { track, encoderMm } of waited) {
      expect(encoderMm - track.fruit.lastViewMm).toBe(2 * 27.5);
      expect((encoderMm / 27.5 - 1) % 11).toBe(5);
    }
  });

  it('hands it out with that view while the belt is brought up to speed', () => {
    const belt = new Belt();
    const fruits = row(12, () => 100);
    // From a stand to 500 mm/s in a second and a half, at 12 frames a second.
    for (let frame = 0, mm = 0; frame < 60; frame++) {
      belt.frame(mm, seen(fruits, mm));
      mm += Math.min(500, 333 * (frame / 12)) / 12;
    }
    expect(belt.left.length).toBeGreaterThan(8);
    for (const { track, encoderMm } of belt.left) expect(track.fruit.lastViewMm).toBe(encoderMm);
  });

  it('does not give fruits up that are still in the view after a long gap', () => {
    const belt = new Belt();
    const fruits = row(12, () => 100);
    for (let frame = 0; frame < 80; frame++) {
      const mm = frame * 27.5;
      if (mm < 400 || mm > 700) belt.frame(mm, seen(fruits, mm));
    }
    expect(belt.names).toEqual(fruits.map((f) => [f.name]));
    for (const { track } of belt.left) expect(track.fruit.views.length).toBeGreaterThanOrEqual(4);
  });

  it('takes no second view while the belt stands, and goes on when it moves', () => {
    const belt = new Belt();
    const fruit = row(1, () => 0);
    for (let mm = 0; mm < 300; mm += 27.5) belt.frame(mm, seen(fruit, mm));
    const views = () => belt.tracker.open()[0]!.fruit.views.length;
    const before = views();
    for (let i = 0; i < 500; i++) belt.frame(275 + 2 * (i % 2), seen(fruit, 275 + 2 * (i % 2)));
    expect(views()).toBe(before);
    for (let mm = 302.5; mm < 900; mm += 27.5) belt.frame(mm, seen(fruit, mm));
    expect(belt.names).toEqual([['0/0']]);
  });

  it('knows fruit again that a belt which runs backward brings back, at either end of the view', () => {
    const belt = new Belt();
    const fruits = row(12, () => 90);
    const steps = [
      ...Array(30).fill(27.5),
      ...Array(40).fill(-6),
      ...Array(15).fill(0),
      ...Array(60).fill(27.5),
    ];
    let mm = 0;
    for (const step of steps) {
      mm += step;
      belt.frame(mm, seen(fruits, mm));
    }
    expect(belt.names).toEqual(fruits.map(({ name }) => [name]));
    expect(belt.tracker.ghosts).toBe(0);
  });

  it.each([
    [6, 27.5],
    [40, 60],
  ])('hands fruit out in time when the belt was run backward by %i mm a frame', (backMm, onMm) => {
    const belt = new Belt();
    const fruits = row(12, () => 70, 0, 60);
    let mm = 0;
    const run = (frames: number, stepMm: number): void => {
      for (let i = 0; i < frames; i++, mm += stepMm) belt.frame(mm, seen(fruits, mm));
    };
    run(30, 27.5);
    const before = belt.left.length;
    run(13, -backMm);
    run(Math.ceil(1_200 / onMm), onMm);
    expect(belt.names).toEqual(fruits.map(({ name }) => [name]));
    // Before it is cut off.
    for (const { track, encoderMm } of belt.left.slice(before))
      expect(track.originMm + encoderMm + 30).toBeLessThan(viewMm);
  });

  it('knows fruit again that comes back from before a gate that is far away', () => {
    const belt = new Belt({ gateFarthestMm: 3_000 });
    const fruits = row(80, () => 75, 0, 70);
    let mm = 0;
    for (; mm < 3_500; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    for (const endMm = mm - 2_800; mm > endMm; mm -= 27.5) belt.frame(mm, seen(fruits, mm));
    for (; mm < 7_500; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    expect(belt.names).toEqual(fruits.map(({ name }) => [name]));
  });

  it('does not lose fruit that waits half in the view on a belt that was run backward', () => {
    const belt = new Belt();
    const fruits = row(3, () => 130);
    let mm = 0;
    for (; mm < 190; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    for (let back = 0; back < 200; back++)
      belt.frame(mm - Math.min(mm, 6 * back), seen(fruits, mm - Math.min(mm, 6 * back)));
    for (mm = 0; mm < 1_200; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    expect(belt.names).toEqual([['0/0'], ['0/1'], ['0/2']]);
  });

  it('hands out what it tracked when the encoder begins anew', () => {
    const belt = new Belt();
    const fruits = row(2, () => 130);
    for (let mm = 0; mm < 400; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    expect(belt.left).toEqual([]);
    belt.frame(-1_000, []);
    expect(belt.names).toEqual([['0/0'], ['0/1']]);
    expect(belt.tracker.open()).toEqual([]);
  });

  it('hands out fruits that passed while no frame came', () => {
    const belt = new Belt();
    const fruits = row(3, () => 130);
    for (let mm = 0; mm < 400; mm += 27.5) belt.frame(mm, seen(fruits, mm));
    belt.frame(2000, []);
    expect(belt.names).toEqual([['0/0'], ['0/1'], ['0/2']]);
  });

  it('takes what was seen once in twenty frames for noise', () => {
    const belt = new Belt();
    belt.frame(0, [{ lane: 0, xMm: 50, lengthMm: 70, widthMm: 70, touchesEdge: false }]);
    for (let mm = 27.5; mm < 900; mm += 27.5) belt.frame(mm, []);
    expect(belt.left).toEqual([]);
    expect(belt.tracker.ghosts).toBe(1);
  });

  it('stays bounded when the camera shows nothing but noise', () => {
    const random = seededRandom(5, 'noise');
    const belt = new Belt();
    for (let mm = 0; mm < 500; mm += 10) {
      const noise = Array.from({ length: 300 }, () => ({
        lane: randomInt(random, 8),
        xMm: random.next() * viewMm,
        lengthMm: 60,
        widthMm: 60,
        touchesEdge: false,
      }));
      belt.frame(mm, noise);
      expect(belt.tracker.open().length).toBeLessThanOrEqual(64);
    }
  });
});
