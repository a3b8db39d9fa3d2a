/**
 * From frames to shots: locate → track → crop → infer → fuse → recipe → outbox → gate.
 *
 * Invariants: a fruit gets one identity, one record, one grade; its record is in the outbox before its gate is told;
 * a decision that comes too late becomes the default grade and gives no shot; nothing is shot by a travel that the picture contradicts; a fruit is decided by what was seen of it
 * when no frame comes in time to show it leave; all views of a fruit come from one
 * release, the one that graded when it was first seen. So a swap needs no pause: new fruit get the new session, the
 * fruit in the view finish with the old one, and no fruit is judged by a mixture of two models.
 */
import {
  type Decision,
  defaultDecision,
  type Frame,
  type FruitBlob,
  type LineGeometry,
} from '@pomona/grading';
import type { Clock, FruitRecord, Recipe } from '@pomona/wire';
import { BeltClock } from '../domain/belt-clock.ts';
import { isLate, type Passage, passageByMean, passageOf, timeUsed } from '../domain/deadline.ts';
import { Detections } from '../domain/detections.ts';
import type { ExplainedFruit } from '../domain/explained-fruit.ts';
import { FrameViews } from '../domain/frame-views.ts';
import { FruitInView } from '../domain/fruit-in-view.ts';
import { fruitOnPicture } from '../domain/fruit-on-picture.ts';
import type { Gate } from '../domain/gate.ts';
import { decideBy, type Grading, gradingBy, releaseFiguresOf } from '../domain/grading.ts';
import type { FruitOnPicture, LineFigures, RunnableRelease } from '../domain/line-messages.ts';
import type { Track } from '../domain/live-track.ts';
import type { OutboxWriter } from '../domain/outbox.ts';
import { recentOf } from '../domain/recent-fruits.ts';
import { quantile, RecentValues } from '../domain/recent-values.ts';
import { SeenViews } from '../domain/seen-views.ts';
import { FruitTracker, type TrackUpdate } from '../domain/track.ts';
import { TravelCheck } from '../domain/travel-check.ts';
import type { ViewModel } from '../domain/view-model.ts';

export interface GradeLinePorts {
  readonly clock: Clock;
  readonly outbox: OutboxWriter;
  readonly gate: Gate;
  /** Finds the fruit of a frame; frames come in the order of capture. */
  readonly locate: (frame: Frame) => readonly FruitBlob[];
  /** Told of what went wrong without stopping the line. */
  readonly onTrouble: (code: string, message: string) => void;
  /** Told of each fruit after its gate; without it no crops are kept. Must not wait. */
  readonly onDecided?: (fruit: ExplainedFruit) => void;
}

export interface GradeLineSetup {
  readonly boot: string;
  readonly geometry: LineGeometry;
  readonly gateLeadMs: number;
  /** From the exit edge; left out, `geometry.gateDistanceMm`, which is the nearest. */
  readonly gateFarthestMm?: number;
  /** The travel that comes with the frames was read, and is not the time by a speed. */
  readonly hasEncoder?: boolean;
}

type Fruit = FruitInView<Grading>;

const windowMs = 10_000;

export class GradeLine {
  /** While it finds the belt's travel wrong, nothing is shot. It wants a look once a second. */
  readonly travel: TravelCheck;
  readonly #ports: GradeLinePorts;
  readonly #setup: GradeLineSetup;
  /** Where fruit leave the view, and where their gate is. */
  readonly #stretch: { readonly viewMm: number; readonly gateDistanceMm: number };
  readonly #tracker: FruitTracker<Fruit>;
  readonly #belt = new BeltClock();
  readonly #latencies = new RecentValues(windowMs, 1024);
  readonly #frames = new RecentValues(windowMs, 2048);
  readonly #startedAtMs: number;
  #current: Grading | undefined;
  #retired: Grading[] = [];
  #frameAtMs = Number.NaN;
  /** When the frame in hand was taken up; no number while there is none. */
  #busySinceMs = Number.NaN;
  #fruits = 0;
  #missedDeadlines = 0;
  #lostRecords = 0;
  #droppedFrames = 0;
  #notFruit = 0;
  #isPaused = false;
  // What a frame needs: there for each anew.
  readonly #detections = new Detections();
  readonly #views: FrameViews;
  #update: TrackUpdate<Fruit> = { views: [], left: [], lost: [] };
  /** Of fruit that was decided. */
  readonly #spareViews: SeenViews[] = [];

  constructor(setup: GradeLineSetup, ports: GradeLinePorts) {
    const { frameWidthPx, mmPerPx, gateDistanceMm, fruitDiameterMinMm, fruitDiameterMaxMm } = setup.geometry;
    this.#setup = setup;
    this.#ports = ports;
    const viewMm = frameWidthPx * mmPerPx;
    this.#stretch = { viewMm, gateDistanceMm };
    this.#startedAtMs = ports.clock.monotonicMs();
    const { hasEncoder = false } = setup;
    this.travel = new TravelCheck({ viewMm, diameterMinMm: fruitDiameterMinMm, hasEncoder });
    this.#views = new FrameViews(setup.geometry, ports.onDecided !== undefined);
    this.#tracker = new FruitTracker(
      {
        ...{ viewMm, diameterMinMm: fruitDiameterMinMm, diameterMaxMm: fruitDiameterMaxMm },
        gateFarthestMm: setup.gateFarthestMm ?? gateDistanceMm,
      },
      (gone) => this.#newFruit(gone),
    );
  }

  /** From the next fruit on; `model` is loaded and warm, and belongs to the line from now on. */
  use(release: RunnableRelease, model: ViewModel, recipe: Recipe): void {
    // The old session may be in the middle of a frame: it is released after one.
    if (this.#current !== undefined) this.#retired.push(this.#current);
    this.#current = gradingBy(release, model, recipe);
  }

  /** For all fruit that are decided from now on with the current release. */
  setRecipe(recipe: Recipe): void {
    if (this.#current !== undefined) this.#current.recipe = recipe;
  }

  /** While it is paused every fruit that is decided gets the default grade, whatever the model says. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  /** What a picture of the frame that was graded last shows. */
  fruitInView(): FruitOnPicture[] {
    const fruits = this.#tracker.inView().filter(({ isFruit }) => isFruit);
    return fruits.map((track) => fruitOnPicture(track, this.#setup.geometry, this.#isPaused));
  }

  get labels(): readonly string[] | undefined {
    return this.#current?.model.labels;
  }

  /**
   * Returns how many fruits were decided. One frame at a time, in the order of capture. Not asynchronous itself: such a function
   * allocates 400 bytes for each frame that it waits in.
   */
  grade(frame: Frame): Promise<number> {
    if (this.#current === undefined) return Promise.resolve(0);
    if (this.#retired.length > 0) return this.#gradeByAll(frame);
    const blobs = this.#follow(frame);
    const count = this.#views.crop(this.#current, frame, blobs, this.#update.views);
    if (count > 0) return this.#current.model.run(count).then(this.#onRows);
    this.#decideLeft();
    return Promise.resolve(this.#finish());
  }

  readonly #onRows = (rows: Float32Array): number | Promise<number> => {
    this.#views.add(rows);
    this.#decideLeft();
    // Unless another release came meanwhile.
    return this.#retired.length === 0 ? this.#finish() : this.#releaseUnused().then(() => this.#finish());
  };

  /** While fruit of more than one release is in the view, each has a run. */
  async #gradeByAll(frame: Frame): Promise<number> {
    const blobs = this.#follow(frame);
    for (const grading of this.#retired) await this.#gradeBy(grading, frame, blobs);
    await this.#gradeBy(this.#current!, frame, blobs);
    this.#decideLeft();
    await this.#releaseUnused();
    return this.#finish();
  }

  async #gradeBy(grading: Grading, frame: Frame, blobs: readonly FruitBlob[]): Promise<void> {
    const count = this.#views.crop(grading, frame, blobs, this.#update.views);
    if (count > 0) this.#views.add(await grading.model.run(count));
  }

  /** Where the fruit is now, and what was lost. */
  #follow(frame: Frame): readonly FruitBlob[] {
    this.#frameAtMs = frame.capturedAtMs;
    this.#busySinceMs = this.#ports.clock.monotonicMs();
    const blobs = this.#ports.locate(frame);
    const detections = this.#detections.of(blobs, this.#setup.geometry);
    this.travel.see(detections, frame);
    this.#update = this.#tracker.update(frame.encoderMm, detections);
    const { lost } = this.#update;
    // Those are judged by the belt as it was, and their shots are in its old count.
    for (let i = 0; i < lost.length; i++) this.#decide(lost[i]!);
    this.#belt.observe(frame.encoderMm, frame.capturedAtMs);
    // The gate is not kept waiting for the network's run: what waits there moves with the belt.
    this.#ports.gate.observe(frame.encoderMm, frame.capturedAtMs);
    return blobs;
  }

  #decideLeft(): void {
    const { left } = this.#update;
    for (let i = 0; i < left.length; i++) this.#decide(left[i]!);
    // No shot waits for how a picture looks.
    this.#views.samplePictures();
  }

  /** How many fruits were decided. */
  #finish(): number {
    this.#frames.add(this.#ports.clock.monotonicMs(), 1);
    this.#views.countFrame();
    this.#busySinceMs = Number.NaN;
    return this.#update.lost.length + this.#update.left.length;
  }

  /**
   * Decides the fruit whose last moment is nearer than `withinMs`: the frame that shows it leave may never come. Returns how many. To
   * be called well more often than that while frames stay away.
   */
  decideDue(withinMs: number): number {
    const nowMs = this.#ports.clock.monotonicMs();
    // After the frame in hand there are more views, and another one is on its way.
    if (!Number.isNaN(this.#busySinceMs) || !this.#belt.isSilent(nowMs)) return 0;
    const due = this.#tracker.take(({ originMm }) =>
      isLate(passageByMean(this.#belt, originMm, this.#stretch), nowMs + withinMs, this.#setup.gateLeadMs),
    );
    for (const track of due) this.#decide(track, passageByMean(this.#belt, track.originMm, this.#stretch));
    return due.length;
  }

  /** Is there fruit that `decideDue` may be needed for? */
  get hasUndecided(): boolean {
    return this.#tracker.open().length > 0;
  }

  figures(droppedFrames: number): LineFigures {
    const nowMs = this.#ports.clock.monotonicMs();
    this.#current?.answers.addDropped(droppedFrames - this.#droppedFrames);
    this.#droppedFrames = droppedFrames;
    const latencies = this.#latencies.sorted(nowMs);
    const seconds = Math.min(windowMs, Math.max(1000, nowMs - this.#startedAtMs)) / 1000;
    return {
      framesPerSecond: this.#frames.sorted(nowMs).length / seconds,
      droppedFrames,
      frameForMs: Number.isNaN(this.#busySinceMs) ? 0 : nowMs - this.#busySinceMs,
      fruits: this.#fruits,
      missedDeadlines: this.#missedDeadlines,
      lostRecords: this.#lostRecords,
      notFruit: this.#notFruit,
      latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
      release: this.#current && releaseFiguresOf(this.#current, nowMs),
      recent: this.#current && recentOf(this.#current.release.ref.digest, this.#current.timeUsed, nowMs),
    };
  }

  async close(): Promise<void> {
    const all = this.#current === undefined ? this.#retired : [...this.#retired, this.#current];
    this.#retired = [];
    this.#current = undefined;
    for (const grading of all) await grading.model.release();
  }

  /** Of the current release, out of what was kept of one that is gone. */
  #newFruit(gone: Fruit | undefined): Fruit {
    if (gone !== undefined) this.#forget(gone);
    const views = this.#spareViews.pop() ?? new SeenViews();
    if (gone === undefined) return new FruitInView(this.#current!, views);
    gone.begin(this.#current!, views);
    return gone;
  }

  #forget(fruit: Fruit): void {
    const views = fruit.forget();
    if (views !== undefined) this.#spareViews.push(views);
  }

  #decide(track: Track<Fruit>, passage = passageOf(this.#belt, track.originMm, this.#stretch)): void {
    if (!track.isFruit) {
      this.#letPass(track, passage);
      return;
    }
    const { clock } = this.#ports;
    const { fruit } = track;
    const { release, recipe, model, figures } = fruit.grading;
    const probabilities = fruit.fuse(recipe.fusion);
    const measures = fruit.measures(recipe.fusion);
    const diameterMm = rounded(fruit.views > 0 ? fruit.diameterMm : track.diameterMm, 10);
    const decidedAtMs = clock.monotonicMs();
    const lastViewAtMs = Number.isNaN(fruit.lastViewAtMs) ? this.#frameAtMs : fruit.lastViewAtMs;
    const late = isLate(passage, decidedAtMs, this.#setup.gateLeadMs);
    // A shot that would come too late is one also while grading is paused.
    const isPaused = this.#isPaused && !late;
    const decision = late
      ? { ...defaultDecision(recipe), outcome: 'late' as const }
      : isPaused
        ? defaultDecision(recipe)
        : decideBy(recipe, model.labels, fruit.viewProbabilities, {
            probabilities,
            measured: { diameterMm, measures },
          });
    fruit.grade = decision.grade;
    fruit.isPaused = isPaused;
    const record: FruitRecord = {
      seq: this.#ports.outbox.nextSeq(),
      at: new Date(clock.nowMs()).toISOString(),
      lane: track.lane,
      positionMm: rounded(passage.exitMm, 10),
      grade: decision.grade,
      gate: decision.gate,
      outcome: decision.outcome,
      probabilities: probabilities.map((p) => rounded(p, 1e5)),
      views: Math.min(fruit.views, 255),
      diameterMm,
      colour: fruit.colour.map((c) => rounded(c, 10)) as FruitRecord['colour'],
      latencyMs: rounded(Math.max(0, decidedAtMs - lastViewAtMs), 100),
    };
    if (isPaused) record.paused = true;
    if (measures !== undefined) record.measures = measures;
    this.#fruits++;
    // What nobody graded proves nothing of a release.
    if (!isPaused) figures.fruits++;
    if (!isPaused) fruit.grading.answers.add(probabilities);
    if (late) figures.missedDeadlines++;
    else if (decision.outcome === 'unseen' && !isPaused) figures.unseen++;
    this.#latencies.add(decidedAtMs, record.latencyMs);
    fruit.grading.timeUsed.add(
      decidedAtMs,
      timeUsed(passage, lastViewAtMs, decidedAtMs, this.#setup.gateLeadMs),
    );
    this.#store(record, release, recipe);
    if (late) this.#missedDeadlines++;
    else this.#shoot(record, decision, passage, decidedAtMs);
    if (this.#ports.onDecided !== undefined) this.#tell(record, fruit, this.#ports.onDecided);
    this.#forget(fruit);
  }

  #tell(record: FruitRecord, fruit: Fruit, onDecided: (fruit: ExplainedFruit) => void): void {
    const { release, recipe } = fruit.grading;
    onDecided({
      release,
      recipe,
      record,
      viewProbabilities: fruit.viewProbabilities,
      keptViews: () => fruit.keptViews(),
      crops: (countMax) => fruit.cropsSpread(countMax),
      centralCrops: (countMax) => fruit.cropsCentral(countMax),
    });
  }

  /**
   * A leaf or an empty cup gets no grade and no record. It goes where the line sends what was not seen well enough, or it would
   * travel on among the fruit that no outlet takes.
   */
  #letPass({ fruit, lane }: Track<Fruit>, passage: Passage): void {
    const { clock, outbox } = this.#ports;
    const decidedAtMs = clock.monotonicMs();
    this.#notFruit++;
    const decision = defaultDecision(fruit.grading.recipe);
    if (!isLate(passage, decidedAtMs, this.#setup.gateLeadMs)) {
      const shot = { seq: outbox.nextSeq(), lane, at: new Date(clock.nowMs()).toISOString() };
      this.#shoot(shot, decision, passage, decidedAtMs);
    }
    this.#forget(fruit);
  }

  #store(fruit: FruitRecord, release: RunnableRelease, recipe: Recipe): void {
    try {
      this.#ports.outbox.append({
        kind: 'fruit',
        boot: this.#setup.boot,
        seq: fruit.seq,
        value: { release: release.ref, recipeVersion: recipe.version, labels: release.labels, fruit },
      });
    } catch (error) {
      // A lost record must not become a fruit in the wrong outlet as well.
      this.#lostRecords++;
      this.#ports.onTrouble('record-lost', error instanceof Error ? error.message : String(error));
    }
  }

  #shoot(
    { seq, lane, at }: Pick<FruitRecord, 'seq' | 'lane' | 'at'>,
    { gate, grade }: Pick<Decision, 'gate' | 'grade'>,
    { dueAtMs, gateMm }: Passage,
    decidedAtMs: number,
  ): void {
    // Nobody knows where it is: it would hit another fruit.
    if (this.travel.isWrong) return;
    const { boot } = this.#setup;
    const positionMm = rounded(gateMm, 10);
    this.#ports.gate.shoot({ boot, seq, lane, gate, grade, at, decidedAtMs, dueAtMs, positionMm });
  }

  async #releaseUnused(): Promise<void> {
    const used = new Set(this.#tracker.open().map((track) => track.fruit.grading));
    const before = this.#retired;
    // One at most, or a belt that stands keeps a session per swap: older fruit is decided by the views that it has.
    this.#retired = before.filter((grading) => used.has(grading)).slice(-1);
    for (const grading of before) if (!this.#retired.includes(grading)) await grading.model.release();
  }
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
