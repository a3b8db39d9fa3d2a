import { defaultLineGeometry, exitPositionMm, type LineGeometry, laneCentreYPx } from '@pomona/grading';
import { type Random, randomBetween, randomInt, seededRandom } from '@pomona/wire';
import { Conveyor, type Picture } from './conveyor.ts';
import { drawFruit, drawShadow, type PlacedFruit } from './draw-fruit.ts';
import { drawPhotograph } from './draw-photograph.ts';
import { drawHand, drawStranger } from './draw-stranger.ts';
import { type Fruit, growFruit } from './fruit.ts';
import { LensDirt } from './lens-dirt.ts';
import { type LineLight, noiseLength, noiseTable, setUpLight } from './line-light.ts';
import type { PhotographedFruit } from './photographed-fruit.ts';
import { type PhotographedPass, passByChance, photographedDiameterMm } from './photographed-pass.ts';
import { orientationAt } from './roll.ts';
import { type Scenario, scenarioOf, usualScenario } from './scenario.ts';
import { handAt, layStranger, type Stranger, type StrangerKind } from './stranger.ts';

export interface LineOptions {
  readonly seed: number;
  readonly geometry?: LineGeometry;
  /** Fruit per second over all lanes. Default 5. */
  readonly fruitsPerS?: number;
  /** Speed of the belt. Default 330; raised where the rate leaves too little room between two fruit. */
  readonly beltMmPerS?: number;
  /** After so many fruit the belt stays empty. Default: no end. */
  readonly fruitsMax?: number;
  /** What happens on the line, by its name in `scenarioNames`. Default: nothing unusual. */
  readonly scenario?: string;
  /** Second from which the scenario holds; infinite when `beginScenario` says when. Default 0. */
  readonly scenarioFromS?: number;
  /** Share of the fruit that touches the one before it in its lane, 0 to 0.9; the others lie further apart for it. Default 0. */
  readonly touchingShare?: number;
  /** Share of the fruit that rolls against the way it travels. Default 0. */
  readonly backwardShare?: number;
  /** What passes beside fruit. Default nothing. */
  readonly strangers?: readonly StrangerKind[];
  /** Leaves and cups for each fruit, where there are any. Default 0.15. */
  readonly strangerShare?: number;
  /** Shown instead of drawn fruit, each as often as the others; until they are at hand (`bring`) the belt is empty. */
  readonly photographed?: readonly PhotographedFruit[] | 'awaited';
  /** The same, but which of them pass, one after the other; then the belt stays empty. */
  readonly passes?: readonly PhotographedPass[];
}

/** A fruit on its way: `positionMm` is the encoder position at which its centre is at the camera's exit edge. */
export interface PassingFruit {
  readonly id: number;
  readonly lane: number;
  readonly positionMm: number;
  readonly offsetYPx: number;
  readonly fruit: Fruit;
  /** Its top turns against the belt's way. */
  readonly rollsBackward: boolean;
  /** Seen in place of `fruit`, whose size and way of rolling it has. */
  readonly photographed?: PhotographedPass;
}

/** Empty belt at the start, from which a reader learns what the belt looks like. */
const emptyS = 1.6;
/** Least room between two fruit of a lane that do not touch. */
const gapMinMm = 14;
const meanDiameterMm = 75;
/** A stem and a shadow are in view before and after the fruit itself. */
const comesEarlyMm = 30;

/** A sorting line with its fruit, as one camera sees it. The belt only moves forward. */
export class Line {
  readonly geometry: LineGeometry;
  readonly beltMmPerS: number;
  readonly #options: LineOptions;
  readonly #gapMeanMm: number;
  readonly #conveyor: Conveyor;
  readonly #usual: Look;
  readonly #unusual: Look;
  readonly #lanes: LaneFeed[];
  #passing: PassingFruit[] = [];
  /** On the belt. */
  #strangers: Stranger[] = [];
  #strangersLaid = 0;
  #nextId = 0;
  /** Undefined while they are awaited. */
  #photographed: readonly PhotographedFruit[] | undefined;
  #unusualFromMm: number;

  constructor(options: LineOptions) {
    this.#options = options;
    const { photographed = [] } = options;
    this.#photographed = photographed === 'awaited' ? undefined : photographed;
    this.geometry = options.geometry ?? defaultLineGeometry;
    const perLanePerS = (options.fruitsPerS ?? 5) / this.geometry.lanes;
    const roomMinMm = meanDiameterMm + gapMinMm + 6;
    this.beltMmPerS = Math.max(options.beltMmPerS ?? 330, perLanePerS * roomMinMm);
    const apartShare = 1 - touchingShareOf(options);
    this.#gapMeanMm = (this.beltMmPerS / perLanePerS - meanDiameterMm) / apartShare - gapMinMm;
    this.#conveyor = new Conveyor(this.geometry, options.seed);
    this.#unusualFromMm = (options.scenarioFromS ?? 0) * this.beltMmPerS;
    this.#usual = this.#lookOf(usualScenario);
    this.#unusual = options.scenario === undefined ? this.#usual : this.#lookOf(scenarioOf(options.scenario));
    this.#lanes = Array.from({ length: this.geometry.lanes }, (_, lane) => this.#openLane(lane));
  }

  /** Fruit of which some part is in view after the last `advance`. */
  get passing(): readonly PassingFruit[] {
    return this.#passing;
  }

  /** What is no fruit and was in view, wholly or in part, at the last `advance`; a hand that is in the picture then comes with `hand`. */
  get strangers(): readonly Stranger[] {
    return this.#strangers;
  }

  /** A hand that reaches in at this encoder position, and how far, 0 to 1. */
  hand(encoderMm: number): { readonly hand: Stranger; readonly reach: number } | undefined {
    const { strangers = [], seed } = this.#options;
    return strangers.includes('hand') ? handAt(seed, this.geometry, encoderMm) : undefined;
  }

  /** Moves the belt on; returns the fruit that have left the view since the last call. */
  advance(encoderMm: number): PassingFruit[] {
    for (let lane = this.#nextLane(encoderMm); lane !== undefined; lane = this.#nextLane(encoderMm))
      this.#feed(lane);
    this.#strangers = this.#strangers.filter(
      ({ positionMm, lengthMm }) => encoderMm - positionMm <= lengthMm + comesEarlyMm,
    );
    const left = this.#passing.filter((passing) => this.#hasLeft(passing, encoderMm));
    if (left.length > 0)
      this.#passing = this.#passing.filter((passing) => !this.#hasLeft(passing, encoderMm));
    return left;
  }

  /** The photographs that were awaited: from this encoder position on fruit comes as it would have from the start of the film. */
  bring(photographed: readonly PhotographedFruit[], encoderMm: number): void {
    this.#photographed = photographed;
    for (const lane of this.#lanes) lane.edgeMm += encoderMm;
  }

  /** From this encoder position on the scenario holds, unless it does already. Fruit in view by then stays as it is. */
  beginScenario(encoderMm: number): void {
    this.#unusualFromMm = Math.min(this.#unusualFromMm, encoderMm);
  }

  /** Draws the whole frame at the encoder position of the last `advance`. `frameNumber` chooses the noise. */
  draw(data: Uint8Array, encoderMm: number, frameNumber: number): void {
    const { frameWidthPx, frameHeightPx } = this.geometry;
    const picture: Picture = { width: frameWidthPx, height: frameHeightPx, data, left: 0, top: 0 };
    const noiseStart = (Math.imul(frameNumber + 1, 0x9e3779b1) >>> 0) & (noiseLength - 4);
    const { light, noise, dirt } = this.#lookAt(encoderMm);
    this.#conveyor.draw(picture, encoderMm, light, noise, noiseStart);
    const placed = this.#passing.map((passing) => ({ passing, at: this.place(passing, encoderMm) }));
    for (const { at } of placed) drawShadow(picture, at);
    for (const { passing, at } of placed) {
      if (passing.photographed === undefined) drawFruit(picture, this.geometry, at, light, noise, noiseStart);
      else {
        const { frames, phase } = passing.photographed;
        const rolled = rolledMm(passing, encoderMm) / (Math.PI * passing.fruit.diameterMm);
        drawPhotograph(picture, { ...at, frames, turns: rolled + phase });
      }
    }
    for (const stranger of this.#strangers)
      drawStranger(picture, this.geometry, stranger, encoderMm, light, noise, noiseStart);
    const reaching = this.hand(encoderMm);
    if (reaching !== undefined)
      drawHand(picture, this.geometry, reaching.hand, reaching.reach, light, noise, noiseStart);
    dirt?.apply(picture);
  }

  #lookOf(scenario: Scenario): Look {
    const { seed } = this.#options;
    const light = scenario.light(setUpLight(seededRandom(seed, 'line-light')));
    const dirt = scenario.dirtyLens ? new LensDirt(this.geometry, seed) : undefined;
    return { scenario, light, noise: noiseTable(light.noise), dirt };
  }

  #lookAt(encoderMm: number): Look {
    return encoderMm >= this.#unusualFromMm ? this.#unusual : this.#usual;
  }

  /** Where a fruit is in the frame, and how it lies. */
  place(passing: PassingFruit, encoderMm: number): PlacedFruit {
    const { fruit, lane, offsetYPx, positionMm } = passing;
    const { frameWidthPx, mmPerPx } = this.geometry;
    return {
      fruit,
      xPx: frameWidthPx + (encoderMm - positionMm) / mmPerPx,
      yPx: laneCentreYPx(this.geometry, lane) + offsetYPx,
      radiusPx: fruit.diameterMm / 2 / mmPerPx,
      orientation: orientationAt(fruit.roll, rolledMm(passing, encoderMm)),
    };
  }

  #openLane(lane: number): LaneFeed {
    const random = seededRandom(this.#options.seed, `lane-${lane}`);
    const startMm = exitPositionMm(this.geometry, 0, 0) + emptyS * this.beltMmPerS;
    const edgeMm = startMm + randomBetween(random, 0, meanDiameterMm);
    return { lane, random, edgeMm, before: undefined };
  }

  /** The lane whose next fruit comes into view first, when that is before `encoderMm`. */
  #nextLane(encoderMm: number): LaneFeed | undefined {
    const { passes, fruitsMax = passes?.length ?? Number.POSITIVE_INFINITY } = this.#options;
    if (this.#photographed === undefined || this.#nextId >= fruitsMax) return undefined;
    const next = this.#lanes.reduce((a, b) => (b.edgeMm < a.edgeMm ? b : a));
    const entersMm = next.edgeMm - exitPositionMm(this.geometry, 0, 0) - comesEarlyMm;
    return entersMm <= encoderMm ? next : undefined;
  }

  #feed(feed: LaneFeed): void {
    const id = this.#nextId++;
    const { seed, passes, touchingShare = 0, backwardShare = 0 } = this.#options;
    const entersMm = feed.edgeMm - exitPositionMm(this.geometry, 0, 0);
    const shown = passes === undefined ? passByChance(this.#photographed ?? [], seed, id) : passes[id];
    const drawn = growFruit(seed, 'line', id, this.#lookAt(entersMm).scenario.fruit);
    const fruit =
      shown === undefined ? drawn : { ...drawn, diameterMm: photographedDiameterMm(shown.fruit, seed) };
    const offsetYPx = randomBetween(feed.random, -5, 5);
    const { before } = feed;
    const positionMm =
      before === undefined
        ? feed.edgeMm + fruit.diameterMm / 2
        : touchingPositionMm(before, fruit, offsetYPx, this.geometry.mmPerPx);
    const rollsBackward = seededRandom(seed, `roll-way-${id}`).next() < backwardShare;
    const passing: PassingFruit = {
      ...{ id, lane: feed.lane, positionMm, offsetYPx, fruit, rollsBackward },
      ...(shown === undefined ? {} : { photographed: shown }),
    };
    this.#passing.push(passing);
    const gapMm = gapMinMm - this.#gapMeanMm * Math.log(1 - feed.random.next());
    const isTouched = seededRandom(seed, `touch-${id}`).next() < touchingShare;
    feed.before = isTouched ? passing : undefined;
    feed.edgeMm = positionMm + fruit.diameterMm / 2 + (isTouched ? 0 : gapMm);
    if (!isTouched) this.#layStranger(feed, id);
  }

  /** Now and then something else comes before a lane's next fruit. */
  #layStranger(feed: LaneFeed, afterFruit: number): void {
    const { seed, strangers = [], strangerShare = 0.15 } = this.#options;
    const kinds = strangers.filter((kind) => kind !== 'hand');
    const random = seededRandom(seed, `stranger-${afterFruit}`);
    if (kinds.length === 0 || random.next() >= strangerShare) return;
    const kind = kinds[randomInt(random, kinds.length)]!;
    const laid = layStranger(kind, this.#strangersLaid++, feed.lane, feed.edgeMm, random);
    this.#strangers.push(laid);
    feed.edgeMm += laid.lengthMm + randomBetween(random, 12, 40);
  }

  #hasLeft(passing: PassingFruit, encoderMm: number): boolean {
    return encoderMm - passing.positionMm > passing.fruit.diameterMm / 2 + comesEarlyMm;
  }
}

/** How the line looks in one of its two states. */
interface Look {
  readonly scenario: Scenario;
  readonly light: LineLight;
  readonly noise: Int8Array;
  readonly dirt: LensDirt | undefined;
}

interface LaneFeed {
  readonly lane: number;
  readonly random: Random;
  /** Encoder position at which the front of the lane's next fruit is at the exit edge. */
  edgeMm: number;
  /** What the lane's next fruit touches. */
  before: PassingFruit | undefined;
}

const touchingShareMax = 0.9;

function touchingShareOf({ touchingShare = 0 }: LineOptions): number {
  if (touchingShare >= 0 && touchingShare <= touchingShareMax) return touchingShare;
  throw new RangeError(`the share of touching fruit is ${touchingShare}, not from 0 to ${touchingShareMax}`);
}

/** Where a fruit lies that touches the one before it, as spheres of their diameters do. */
function touchingPositionMm(before: PassingFruit, fruit: Fruit, offsetYPx: number, mmPerPx: number): number {
  const apartMm = (before.fruit.diameterMm + fruit.diameterMm) / 2;
  const acrossMm = (offsetYPx - before.offsetYPx) * mmPerPx;
  return before.positionMm + Math.sqrt(apartMm ** 2 - acrossMm ** 2);
}

/** How far a fruit has rolled, in the direction of its travel. */
function rolledMm({ positionMm, rollsBackward }: PassingFruit, encoderMm: number): number {
  return rollsBackward ? positionMm - encoderMm : encoderMm - positionMm;
}
