import {
  defaultLineGeometry,
  defaultRecipe,
  LineBackground,
  locateFruit,
  meanColour,
  unpackViews,
} from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { Shot } from '../domain/gate.ts';
import type { GradedFruit, RunnableRelease } from '../domain/line-messages.ts';
import type { OutboxRecord } from '../domain/outbox.ts';
import type { ViewModel } from '../domain/view-model.ts';
import { renderFrame, type StandInFruit, standInFruits } from '../testing/stand-in-line.ts';
import { GradeLine } from './grade-line.ts';

const geometry = { ...defaultLineGeometry, frameWidthPx: 480, frameHeightPx: 240, mmPerPx: 1.2 };
const labels = ['good', 'ok', 'bad'];
const stepMm = 27.5;
const frameMs = 1000 / 12;
const boot = '00000000000000aa';

/** Red is `good`, green is `ok`, blue is `bad`; `shift` turns that round, to tell releases apart. */
function colourModel(shift = 0): ViewModel & { released: boolean; runs: number } {
  const inputSize = 16;
  const crops = new Uint8Array(32 * inputSize ** 2 * 3);
  return {
    labels,
    inputSize,
    capacity: 32,
    crops,
    released: false,
    runs: 0,
    async run(count) {
      if (this.released) throw new Error('the session was released');
      this.runs++;
      return Float32Array.from({ length: count * 3 }, (_, i) => {
        const colour = meanColour(crops, Math.floor(i / 3) * inputSize ** 2 * 3, inputSize);
        const top = (colour.indexOf(Math.max(...colour)) + shift) % 3;
        return i % 3 === top ? 0.9 : 0.05;
      });
    },
    async release() {
      this.released = true;
    },
  };
}

function releaseNo(version: number): RunnableRelease {
  const ref = { name: 'tiny', version, digest: String(version).repeat(64).slice(0, 64) };
  return { ref, modelFile: '/nowhere', variant: 'fp32', labels, inputSize: 16 };
}

/** A line on virtual time: a decision takes `thinkMs` after the frame's capture. */
class Bench {
  readonly records: OutboxRecord[] = [];
  readonly shots: Shot[] = [];
  readonly order: string[] = [];
  /** What the gate was told of the belt, and how many shots it had by then. */
  readonly beltAfterShots: [encoderMm: number, shots: number][] = [];
  readonly troubles: string[] = [];
  readonly line: GradeLine;
  thinkMs = 5;
  isDiskFull = false;
  /** Where the encoder stands at frame 0: it changes when the camera is started again. */
  startMm = 0;
  #nowMs = 0;
  #soonerMs = 0;
  #seq = 0;
  #nextSeq = 0;

  constructor() {
    const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
    this.line = new GradeLine(
      { boot, geometry, gateLeadMs: 40 },
      {
        clock: { nowMs: () => 1_700_000_000_000 + this.#nowMs, monotonicMs: () => this.#nowMs },
        outbox: {
          nextSeq: () => this.#nextSeq++,
          append: (record) => {
            if (this.isDiskFull) throw new Error('disk full');
            this.order.push(`record ${record.seq}`);
            this.records.push(record);
            return true;
          },
        },
        gate: {
          shoot: (shot) => {
            this.order.push(`shot ${shot.seq}`);
            this.shots.push(shot);
          },
          observe: (encoderMm) => void this.beltAfterShots.push([encoderMm, this.shots.length]),
        },
        locate: (frame) => locateFruit(frame, background, geometry),
        onTrouble: (code) => this.troubles.push(code),
      },
    );
  }

  get graded(): GradedFruit[] {
    return this.records.map((record) => record.value as GradedFruit);
  }

  /** Time goes by without a frame. */
  async pass(ms: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#nowMs += ms;
  }

  restartCamera(afterMs: number): void {
    this.#seq += Math.round(afterMs / frameMs);
    this.startMm = -this.#seq * stepMm;
  }

  /** So many frames of a belt that does not move. */
  async stand(frames: number, fruits: readonly StandInFruit[]): Promise<void> {
    const encoderMm = this.startMm + (this.#seq - 1) * stepMm;
    for (let i = 0; i < frames; i++) {
      const capturedAtMs = this.#seq * frameMs;
      this.#nowMs = capturedAtMs + this.thinkMs;
      await this.line.grade(renderFrame(geometry, fruits, { seq: this.#seq++, capturedAtMs, encoderMm }));
    }
    this.startMm -= frames * stepMm;
  }

  /** Runs the belt backward, by so much with each frame. */
  async runBack(fruits: readonly StandInFruit[], frames: number, backMm: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      this.startMm -= stepMm + backMm;
      await this.run(fruits, this.startMm + this.#seq * stepMm + 1);
    }
  }

  /** The next frames were captured so much sooner. */
  hitch(ms: number): void {
    this.#soonerMs += ms;
  }

  /** Runs the belt until the encoder reads `untilMm`. */
  async run(
    fruits: readonly StandInFruit[],
    untilMm: number,
    each?: (encoderMm: number) => void,
  ): Promise<void> {
    for (;;) {
      const encoderMm = this.startMm + this.#seq * stepMm;
      if (encoderMm >= untilMm) return;
      each?.(encoderMm);
      const capturedAtMs = this.#seq * frameMs - this.#soonerMs;
      const frame = renderFrame(geometry, fruits, { seq: this.#seq++, capturedAtMs, encoderMm });
      this.#nowMs = capturedAtMs + this.thinkMs;
      await this.line.grade(frame);
    }
  }
}

const truth = (fruit: StandInFruit): string => labels[fruit.colour]!;
/** Where a fruit leaves the view; its record is found by it. */
const exitMmOf = (fruit: StandInFruit): number => geometry.frameWidthPx * geometry.mmPerPx - fruit.originMm;

function expectEveryFruitOnce(fruits: readonly StandInFruit[], graded: readonly GradedFruit[]): void {
  expect(graded.length).toBe(fruits.length);
  for (const fruit of fruits) {
    const found = graded.filter(
      ({ fruit: { lane, positionMm } }) => lane === fruit.lane && Math.abs(positionMm - exitMmOf(fruit)) < 20,
    );
    expect(found.length).toBe(1);
  }
}

describe('GradeLine', () => {
  it('measures each fruit, and decides by what its record says of it', async () => {
    const fruits = standInFruits(1, 6, 130, 480);
    const bench = new Bench();
    const model = colourModel();
    const cells = 4;
    const isRed = ([red, green, blue]: readonly number[]) => red! > Math.max(green!, blue!);
    /** A fifth of the skin of every fruit that is red. */
    const map = new Float32Array(model.capacity * cells * cells * 2);
    const mapped: ViewModel = {
      ...model,
      defects: { cells, map },
      run: async (count) => {
        for (let i = 0; i < count; i++) {
          const share = isRed(meanColour(model.crops, i * 16 ** 2 * 3, 16)) ? 0.2 : 0;
          map.fill(share, i * cells * cells * 2, (i + 1) * cells * cells * 2);
        }
        return model.run(count);
      },
    };
    const recipe: Recipe = {
      ...defaultRecipe(labels, 9),
      ...{ v: 2, ceilings: [] },
      rules: [{ name: 'spotted', when: { figure: 'defectShare', above: 0.15 }, noBetterThan: 'ok' }],
    };
    bench.line.use(releaseNo(1), mapped, recipe);
    await bench.run(fruits, 2_200);
    expectEveryFruitOnce(fruits, bench.graded);
    for (const { fruit } of bench.graded) {
      expect(fruit.measures!.defectShare).toBeCloseTo(isRed(fruit.colour) ? 0.2 : 0, 2);
      expect(fruit.measures!.roundness).toBeGreaterThan(0.9);
      expect(fruit.measures!.turns).toBeGreaterThan(0.3);
      expect(unpackViews(fruit.measures!.views!, 3)).toHaveLength(fruit.views);
      expect(fruit.measures!.contrast).toBeGreaterThan(0);
      expect(fruit.measures!.sharpness).toBeGreaterThan(0);
    }
    // Red would be good.
    const grades = bench.graded.map(({ fruit }) => fruit.grade);
    expect(grades.toSorted()).toEqual(['bad', 'bad', 'ok', 'ok', 'ok', 'ok']);
  });

  it('counts a leaf, gives it no grade and no record, and sends it where the unseen go', async () => {
    const things = standInFruits(2, 5, 150, 480).map((thing, i) =>
      i % 3 === 1 ? { ...thing, high: 0.5 } : thing,
    );
    const leaves = things.filter((thing) => thing.high !== undefined);
    const bench = new Bench();
    const recipe = defaultRecipe(labels);
    bench.line.use(releaseNo(1), colourModel(), recipe);
    await bench.run(things, 2_400);
    expectEveryFruitOnce(
      things.filter((thing) => !leaves.includes(thing)),
      bench.graded,
    );
    for (const { fruit } of bench.graded) expect(fruit.outcome).toBe('graded');
    const figures = bench.line.figures(0);
    expect([figures.fruits, figures.notFruit]).toEqual([7, 3]);
    expect(figures.release!.fruits).toBe(7);
    const recorded = new Set(bench.records.map((record) => record.seq));
    const ofLeaves = bench.shots.filter((shot) => !recorded.has(shot.seq));
    expect(bench.shots.length).toBe(10);
    expect(ofLeaves.length).toBe(3);
    const unseen = recipe.gates.find(({ grade }) => grade === recipe.defaultGrade)!.gate;
    for (const shot of ofLeaves) expect([shot.grade, shot.gate]).toEqual([recipe.defaultGrade, unseen]);
  });

  it('gives fruit the default grade while it is paused, in words that older control planes know', async () => {
    const fruits = standInFruits(1, 6, 130, 480);
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const gone = () => bench.graded.length;
    await bench.run(fruits, 3000, () => bench.line.pause(gone() >= 2 && gone() < 4));
    expectEveryFruitOnce(fruits, bench.graded);
    expect(bench.graded.map(({ fruit: { grade, outcome, paused } }) => [grade, outcome, paused])).toEqual([
      [truth(fruits[0]!), 'graded', undefined],
      [truth(fruits[1]!), 'graded', undefined],
      ['bad', 'unseen', true],
      ['bad', 'unseen', true],
      [truth(fruits[4]!), 'graded', undefined],
      [truth(fruits[5]!), 'graded', undefined],
    ]);
    expect(bench.shots.map(({ gate }) => gate)).toEqual(bench.graded.map(({ fruit }) => fruit.gate));
    // It proves nothing of the release: neither that it grades nor that it is blind.
    expect(bench.line.figures(0)).toMatchObject({ fruits: 6, release: { fruits: 4, unseen: 0 } });
  });

  it('says where the fruit of a picture is, what it looks like and what was decided', async () => {
    const fruits = standInFruits(2, 4, 130, 480);
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    let checked = 0;
    await bench.run(fruits, 1200, (encoderMm) => {
      for (const seen of bench.line.fruitInView()) {
        // As the frame before this one showed it.
        const fruit = fruits.find(
          (each) =>
            each.lane === seen.lane &&
            Math.abs((each.originMm + encoderMm - stepMm) / geometry.mmPerPx - seen.xPx) < 12,
        );
        expect(fruit, JSON.stringify(seen)).toBeDefined();
        expect(Math.abs(seen.yPx - (seen.lane + 0.5) * 120)).toBeLessThan(4);
        if (seen.grade !== undefined) expect(seen.grade).toBe(truth(fruit!));
        if (seen.isDecided) checked++;
      }
    });
    expect(checked).toBeGreaterThan(3);
  });

  it('says of the fruit of a picture that it passes while grading is paused, also after that', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const seen = new Set<string>();
    await bench.run(standInFruits(1, 6, 130, 480), 3000, () => {
      const count = bench.graded.length;
      const isPaused = count >= 2 && count < 4;
      bench.line.pause(isPaused);
      for (const fruit of bench.line.fruitInView())
        seen.add(`${isPaused ? 'paused' : 'graded'}: ${fruit.isDecided} ${fruit.isPaused}`);
    });
    expect([...seen].sort()).toEqual([
      ...['graded: false false', 'graded: true false', 'graded: true true'],
      ...['paused: false true', 'paused: true false', 'paused: true true'],
    ]);
  });

  it('gives every fruit one record, its grade, its size and its colour', async () => {
    const fruits = standInFruits(2, 5, 130, 480);
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    await bench.run(fruits, 2000);
    expectEveryFruitOnce(fruits, bench.graded);
    for (const { fruit, release, recipeVersion } of bench.graded) {
      const true_ = fruits.find(
        (f) => f.lane === fruit.lane && Math.abs(exitMmOf(f) - fruit.positionMm) < 20,
      )!;
      expect(fruit).toMatchObject({
        grade: truth(true_),
        gate: true_.colour,
        outcome: 'graded',
        latencyMs: 5,
      });
      expect(Math.abs(fruit.diameterMm - true_.diameterMm)).toBeLessThan(4);
      expect(fruit.colour.indexOf(Math.max(...fruit.colour))).toBe(true_.colour);
      expect(fruit.views).toBeGreaterThan(12);
      expect([release.version, recipeVersion]).toEqual([1, 1]);
    }
    expect(bench.line.figures(3)).toMatchObject({
      fruits: 10,
      droppedFrames: 3,
      missedDeadlines: 0,
      latencyMs: { p50: 5, p99: 5 },
    });
  });

  it('writes the record before it tells the gate, and before the fruit is there', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    await bench.run(standInFruits(2, 3, 130, 480), 1700);
    expect(bench.order).toEqual([0, 1, 2, 3, 4, 5].flatMap((seq) => [`record ${seq}`, `shot ${seq}`]));
    for (const shot of bench.shots) expect(shot.dueAtMs).toBeGreaterThan(shot.decidedAtMs + 500);
  });

  it('looks how a picture is when the shots of its frame are out', async () => {
    const bench = new Bench();
    const model = colourModel();
    const { crops, run } = model;
    Object.defineProperty(model, 'crops', {
      get() {
        bench.order.push('look');
        return crops;
      },
    });
    model.run = async (count) => {
      bench.order.push('run');
      return run.call(model, count);
    };
    bench.line.use(releaseNo(1), model, defaultRecipe(labels));
    await bench.run(standInFruits(2, 10, 110, 480), 2500);
    expect(bench.graded.every(({ fruit }) => fruit.measures?.contrast !== undefined)).toBe(true);
    let decided = 0;
    // What follows a run is of its frame up to the last shot.
    for (const frame of bench.order.join().split('run').slice(1)) {
      const last = frame.lastIndexOf('shot');
      if (last < 0) continue;
      decided++;
      expect(frame.slice(0, last)).not.toContain('look');
    }
    expect(decided).toBeGreaterThan(5);
  });

  it('gives a late fruit the default grade and no shot, and counts it', async () => {
    const fruits = standInFruits(2, 2, 130, 480);
    const bench = new Bench();
    bench.thinkMs = 1500;
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    await bench.run(fruits, 1500);
    expectEveryFruitOnce(fruits, bench.graded);
    for (const { fruit } of bench.graded)
      expect(fruit).toMatchObject({ grade: 'bad', gate: 2, outcome: 'late' });
    expect(bench.shots).toEqual([]);
    expect(bench.line.figures(0)).toMatchObject({
      fruits: 4,
      missedDeadlines: 4,
      release: { fruits: 4, missedDeadlines: 4, unseen: 0 },
      recent: { fruits: 4, missedDeadlines: 4 },
    });
    expect(bench.line.figures(0).recent!.timeUsed.p50).toBeGreaterThan(1);
  });

  it('gives a fruit with too few views the default grade', async () => {
    const bench = new Bench();
    const recipe = { ...defaultRecipe(labels), viewsMin: 60, defaultGrade: 'ok' };
    bench.line.use(releaseNo(1), colourModel(), recipe);
    await bench.run(standInFruits(2, 1, 130, 480), 1300);
    expect(bench.graded.map(({ fruit }) => [fruit.grade, fruit.gate, fruit.outcome])).toEqual([
      ['ok', 1, 'unseen'],
      ['ok', 1, 'unseen'],
    ]);
    expect(bench.shots.length).toBe(2);
  });

  it('takes a model that answers with no numbers for one that saw nothing', async () => {
    const bench = new Bench();
    const broken = {
      ...colourModel(),
      run: async (count: number) => new Float32Array(count * 3).fill(Number.NaN),
    };
    bench.line.use(releaseNo(1), broken, defaultRecipe(labels));
    await bench.run(standInFruits(2, 1, 130, 480), 1300);
    expect(bench.graded.map(({ fruit }) => [fruit.grade, fruit.outcome, fruit.views])).toEqual([
      ['bad', 'unseen', 0],
      ['bad', 'unseen', 0],
    ]);
    const { release } = bench.line.figures(0);
    expect(release).toMatchObject({ fruits: 2, unseen: 2, missedDeadlines: 0 });
    expect(release?.unusableViews).toBeGreaterThan(24);
  });

  it('says how long it has been at a frame that it does not finish', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    await bench.run([], 100);
    const { frameForMs, release } = bench.line.figures(0);
    expect(frameForMs).toBe(0);
    expect(release!.frames).toBeGreaterThan(1);
    const stuck = { ...colourModel(), run: () => new Promise<never>(() => undefined) };
    bench.line.use(releaseNo(2), stuck, defaultRecipe(labels));
    void bench.run(standInFruits(2, 1, 130, 0), 1300);
    await bench.pass(30_000);
    expect(bench.line.figures(0)).toMatchObject({ frameForMs: 30_000, release: { fruits: 0 } });
  });

  it('counts for a release only the fruit that it grades itself', async () => {
    const bench = new Bench();
    const blind = {
      ...colourModel(),
      run: async (count: number) => new Float32Array(count * 3).fill(Number.NaN),
    };
    expect(bench.line.figures(0).release).toBeUndefined();
    bench.line.use(releaseNo(1), blind, defaultRecipe(labels));
    await bench.run(standInFruits(2, 10, 110, 480), 2500, (encoderMm) => {
      if (encoderMm === 40 * stepMm) bench.line.use(releaseNo(2), colourModel(), defaultRecipe(labels));
    });
    const ofSecond = bench.graded.filter(({ release }) => release.version === 2);
    expect(ofSecond.length).toBeLessThan(bench.graded.length);
    expect(bench.line.figures(0)).toMatchObject({
      fruits: bench.graded.length,
      release: {
        frames: expect.any(Number),
        fruits: ofSecond.length,
        missedDeadlines: 0,
        unseen: 0,
        unusableViews: 0,
        conduct: expect.objectContaining({ answered: ofSecond.length, timed: ofSecond.length }),
      },
      recent: { release: releaseNo(2).ref.digest, fruits: ofSecond.length, missedDeadlines: 0 },
    });
    const { timeUsed } = bench.line.figures(0).recent!;
    expect(timeUsed.p95).toBeGreaterThan(0);
    expect(timeUsed.p95).toBeLessThan(0.05);
  });

  it('gives the shot when the record cannot be stored, and counts and reports the loss', async () => {
    const bench = new Bench();
    bench.isDiskFull = true;
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    await bench.run(standInFruits(2, 1, 130, 480), 1300);
    expect(bench.records).toEqual([]);
    expect(bench.shots.length).toBe(2);
    expect(bench.line.figures(0)).toMatchObject({ fruits: 2, lostRecords: 2 });
    expect(bench.troubles).toContain('record-lost');
  });

  it('decides the fruit in the view when the camera starts again: in time or late, as the belt ran before', async () => {
    for (const [awayMs, outcome, shots] of [
      [300, 'graded', 2],
      [4000, 'late', 0],
    ] as const) {
      const bench = new Bench();
      bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
      await bench.run(standInFruits(2, 1, 60, 480), 900);
      expect(bench.graded).toEqual([]);
      bench.restartCamera(awayMs);
      await bench.run([], 100);
      expect(bench.graded.map(({ fruit }) => fruit.outcome)).toEqual([outcome, outcome]);
      expect(bench.shots.length).toBe(shots);
      for (const shot of bench.shots) expect(Number.isFinite(shot.dueAtMs)).toBe(true);
      // Their places are in the old count: the gate has them before it hears of the new one.
      const anew = bench.beltAfterShots.findIndex(
        ([encoderMm], i, all) => encoderMm < (all[i - 1]?.[0] ?? encoderMm),
      );
      expect(bench.beltAfterShots[anew]).toEqual([0, shots]);
    }
  });

  it('gives each fruit one record and one shot when the belt is run backward for a while', async () => {
    const fruits = standInFruits(2, 14, 110, 480);
    for (const backMm of [3, 12, 40]) {
      const bench = new Bench();
      bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
      await bench.run(fruits, 1_500);
      await bench.runBack(fruits, Math.floor(240 / backMm), backMm);
      await bench.stand(5, fruits);
      await bench.run(fruits, 2_900);
      expectEveryFruitOnce(fruits, bench.graded);
      expect(bench.shots.length).toBe(fruits.length);
      for (const { fruit } of bench.graded) expect(fruit.outcome).toBe('graded');
    }
  });

  it('decides by what was seen, in time, when the camera dies over fruit', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const fruits = standInFruits(2, 1, 60, 480);
    await bench.run(fruits, 900);
    expect(bench.line.hasUndecided).toBe(true);
    expect(bench.line.decideDue(40)).toBe(0);
    for (let ms = 0; ms < 4000; ms += 20) {
      await bench.pass(20);
      bench.line.decideDue(40);
    }
    expect(bench.line.hasUndecided).toBe(false);
    expect(bench.graded.map(({ fruit }) => fruit.outcome)).toEqual(['graded', 'graded']);
    expectEveryFruitOnce(fruits, bench.graded);
    // Not before it had to be: a frame might still have come.
    for (const { decidedAtMs, dueAtMs } of bench.shots) {
      expect(dueAtMs - decidedAtMs).toBeGreaterThanOrEqual(40);
      expect(dueAtMs - decidedAtMs).toBeLessThanOrEqual(40 + 40);
    }
    // The camera that comes back has nothing more to say of them.
    bench.restartCamera(4000);
    await bench.run([], 100);
    expect(bench.records.length).toBe(2);
  });

  it('is not hurried by a hitch of the camera while frames come', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const fruits = standInFruits(2, 1, 60, 480);
    await bench.run(fruits, 900);
    // Two frames in a moment: by the last step the belt races.
    await bench.run(fruits, 950, () => bench.hitch(frameMs - 1));
    await bench.pass(frameMs);
    expect(bench.line.decideDue(40)).toBe(0);
    await bench.run(fruits, 1300);
    expect(bench.graded.map(({ fruit }) => fruit.outcome)).toEqual(['graded', 'graded']);
  });

  it('waits with fruit on a belt that stands', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const fruits = standInFruits(2, 1, 60, 480);
    await bench.run(fruits, 900);
    await bench.stand(10, fruits);
    await bench.pass(60_000);
    expect(bench.line.decideDue(40)).toBe(0);
    expect(bench.line.hasUndecided).toBe(true);
  });

  it('keeps two sessions at most, however often the release is swapped while the belt stands', async () => {
    const fruits = standInFruits(2, 4, 130, 100);
    const bench = new Bench();
    const models = [colourModel()];
    const live = () => models.filter(({ released }) => !released).length;
    bench.line.use(releaseNo(1), models[0]!, defaultRecipe(labels));
    await bench.run(fruits, 560);
    for (let version = 2; version <= 6; version++) {
      models.push(colourModel());
      bench.line.use(releaseNo(version), models.at(-1)!, defaultRecipe(labels));
      await bench.stand(2, fruits);
      expect(live()).toBe(2);
    }
    await bench.run(fruits, 2_000);
    expectEveryFruitOnce(fruits, bench.graded);
    for (const { fruit } of bench.graded) expect(fruit.outcome).toBe('graded');
    expect(live()).toBe(1);
    expect(models.at(-1)!.released).toBe(false);
  });

  it('swaps the release between two fruits: none is dropped, none is judged by both', async () => {
    const fruits = standInFruits(2, 10, 110, 480);
    const bench = new Bench();
    const [before, after] = [colourModel(), colourModel(1)];
    bench.line.use(releaseNo(1), before, defaultRecipe(labels));
    await bench.run(fruits, 2500, (encoderMm) => {
      if (encoderMm === 40 * stepMm) bench.line.use(releaseNo(2), after, defaultRecipe(labels, 2));
    });
    expectEveryFruitOnce(fruits, bench.graded);
    const versions = bench.graded.map(({ release }) => release.version);
    expect(new Set(versions)).toEqual(new Set([1, 2]));
    for (const { fruit, release, recipeVersion } of bench.graded) {
      expect(recipeVersion).toBe(release.version);
      const true_ = fruits.find(
        (f) => f.lane === fruit.lane && Math.abs(exitMmOf(f) - fruit.positionMm) < 20,
      )!;
      expect(fruit.grade).toBe(labels[(true_.colour + release.version - 1) % 3]);
      // All views were of one mind, so all of them came from one model.
      expect(Math.max(...fruit.probabilities)).toBeCloseTo(0.9, 3);
    }
    expect(before.released).toBe(true);
    expect(after.released).toBe(false);
  });

  it('applies a new recipe to the fruit that is decided next', async () => {
    const bench = new Bench();
    bench.line.use(releaseNo(1), colourModel(), defaultRecipe(labels));
    const gates = labels.map((grade) => ({ grade, gate: 9 }));
    await bench.run(standInFruits(2, 4, 200, 480), 2300, (encoderMm) => {
      if (encoderMm === 48 * stepMm) bench.line.setRecipe({ ...defaultRecipe(labels, 5), gates });
    });
    const seen = bench.graded.map(({ fruit, recipeVersion }) => [recipeVersion, fruit.gate === 9]);
    expect(seen.length).toBe(8);
    expect(seen[0]).toEqual([1, false]);
    expect(seen.at(-1)).toEqual([5, true]);
  });
});
