import {
  cropFill,
  cropFruit,
  defaultLineGeometry,
  type Frame,
  LineBackground,
  type LineGeometry,
  laneCentreYPx,
  locateFruit,
  Standardiser,
} from '@pomona/grading';
import {
  AppError,
  type Random,
  randomBetween,
  randomInt,
  type Standardise,
  seededRandom,
} from '@pomona/wire';
import { Conveyor, type Picture } from './conveyor.ts';
import { type CropPlace, writeDefectMap } from './defect-map.ts';
import { drawFruit, drawShadow } from './draw-fruit.ts';
import { type Fruit, growFruit } from './fruit.ts';
import { LensDirt } from './lens-dirt.ts';
import { type LineLight, noiseLength, noiseTable, setUpLight } from './line-light.ts';
import { orientationAt } from './roll.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { gradeOfShares, type TrueGrade } from './truth.ts';
import { visibleShares } from './visible-share.ts';

export interface RenderViewsOptions {
  readonly seed: number;
  /** How many fruit. */
  readonly fruits: number;
  /** Number of the first fruit, so that a stream can be rendered in parts. Default 0. */
  readonly firstFruit?: number;
  readonly viewsPerFruit: number;
  /** Side of a crop in pixels. */
  readonly size: number;
  /** What is done to the colours of the crops. */
  readonly standardise?: Standardise | undefined;
  readonly scenario?: string | undefined;
  readonly onProgress?: (fruitsDone: number, fruits: number) => void;
}

/** What a dataset holds of one fruit. */
export interface FruitViews {
  /** Number of the fruit in its stream. */
  readonly group: number;
  readonly grade: TrueGrade;
  readonly clear: boolean;
  readonly defectShare: number;
  readonly rotShare: number;
  readonly variety: string;
  readonly diameterMm: number;
  /** uint8 [viewsPerFruit, size, size, 3], RGB, as `cropFruit` makes them. */
  readonly crops: Uint8Array;
  /** Per view, the grade by the defects that are visible in it alone. */
  readonly viewGrades: readonly TrueGrade[];
  /** Where each view shows defects, uint8 [viewsPerFruit, cells, cells, 2]: shares of a cell that are defect and rot. */
  readonly defects: Uint8Array;
}

/** Fruit after which lamps, exposure and noise are set up anew. */
export const fruitsPerSession = 5;
/** Side of a cell of the defect maps, pixels of the crop: the stride of the networks’ last convolution. */
export const defectCellPx = 4;
/** Side of the piece of line that is drawn for one view: the largest fruit, its shadow's darkest part, some belt. */
const windowPx = 128;
const attemptsMax = 5;

/**
 * Fruit as the line's agent would see them: each is drawn on the belt at places spread evenly over its way through
 * the view, located and cropped. Independent of the fruit that a `Line` of the same seed carries.
 */
export function* renderViews(options: RenderViewsOptions): Generator<FruitViews> {
  const scenario = scenarioOf(options.scenario);
  const bench = new ViewBench(options.seed, scenario, options.standardise);
  const first = options.firstFruit ?? 0;
  for (let n = first; n < first + options.fruits; n++) {
    if (n === first || n % fruitsPerSession === 0) bench.startSession(Math.floor(n / fruitsPerSession));
    yield renderFruit(bench, n, options, scenario);
    options.onProgress?.(n - first + 1, options.fruits);
  }
}

function renderFruit(
  bench: ViewBench,
  group: number,
  options: RenderViewsOptions,
  scenario: Scenario,
): FruitViews {
  const { viewsPerFruit, size } = options;
  const fruit = growFruit(options.seed, 'dataset', group, scenario.fruit);
  const random = seededRandom(options.seed, `dataset-views-${group}`);
  const crops = new Uint8Array(viewsPerFruit * size * size * 3);
  const viewGrades: TrueGrade[] = [];
  const cells = Math.ceil(size / defectCellPx);
  const mapBytes = cells * cells * 2;
  const defects = new Uint8Array(viewsPerFruit * mapBytes);
  // Frames come at an even pace, the first whenever the fruit has come into view.
  const phase = random.next();
  for (let k = 0; k < viewsPerFruit; k++) {
    const shown = bench.view(fruit, (k + phase) / viewsPerFruit, random, crops, size, k);
    const visible = visibleShares(fruit, shown.orientation);
    viewGrades.push(gradeOfShares(visible.defect, visible.rot));
    writeDefectMap(fruit, shown.orientation, shown.place, cells, defects, k * mapBytes);
  }
  const { truth, variety, diameterMm } = fruit;
  return {
    group,
    grade: truth.grade,
    clear: truth.clear,
    defectShare: truth.defectShare,
    rotShare: truth.shares.rot,
    variety,
    diameterMm,
    crops,
    viewGrades,
    defects,
  };
}

/** A piece of line, just large enough for one fruit, that stands at any place of the camera's view. */
class ViewBench {
  readonly #seed: number;
  readonly #scenario: Scenario;
  readonly #standardiser: Standardiser | undefined;
  readonly #whole: LineGeometry = defaultLineGeometry;
  readonly #window: LineGeometry;
  readonly #conveyor: Conveyor;
  readonly #dirt: LensDirt | undefined;
  readonly #data: Uint8Array;
  #light: LineLight;
  #noise: Int8Array;
  #background: LineBackground;

  constructor(seed: number, scenario: Scenario, standardise: Standardise | undefined) {
    this.#seed = seed;
    this.#scenario = scenario;
    this.#standardiser = standardise && new Standardiser(standardise);
    this.#window = { ...this.#whole, frameWidthPx: windowPx, frameHeightPx: windowPx, lanes: 1 };
    this.#conveyor = new Conveyor(this.#whole, seed);
    this.#dirt = scenario.dirtyLens ? new LensDirt(this.#whole, seed) : undefined;
    this.#data = new Uint8Array(windowPx * windowPx * 3);
    this.#light = setUpLight(seededRandom(seed, 'dataset-light'));
    this.#noise = noiseTable(this.#light.noise);
    this.#background = new LineBackground(windowPx, windowPx);
  }

  /** Other lamps, and as many looks at the empty belt under them as a station takes. */
  startSession(session: number): void {
    const random = seededRandom(this.#seed, `dataset-session-${session}`);
    this.#light = this.#scenario.light(setUpLight(random));
    this.#noise = noiseTable(this.#light.noise);
    this.#background = new LineBackground(windowPx, windowPx);
    while (!this.#background.learned) {
      const leftPx = randomInt(random, this.#whole.frameWidthPx - windowPx);
      const topPx = this.#topOf(randomInt(random, this.#whole.lanes));
      const encoderMm = random.next() * 1000;
      const picture = this.#emptyBelt(leftPx, topPx, encoderMm, randomInt(random, noiseLength));
      this.#dirt?.apply(picture);
      this.#background.look(this.#frameOf(encoderMm));
    }
  }

  /** Writes crop `k` of a fruit that has gone a share of its way through the view; returns how and where it lies. */
  view(fruit: Fruit, share: number, random: Random, crops: Uint8Array, size: number, k: number) {
    const radiusPx = fruit.diameterMm / 2 / this.#whole.mmPerPx;
    const marginPx = radiusPx * fruit.shape.radiusMax + 3;
    const wayPx = this.#whole.frameWidthPx - 2 * marginPx;
    const xPx = marginPx + wayPx * share;
    const orientation = orientationAt(fruit.roll, (xPx - this.#whole.frameWidthPx) * this.#whole.mmPerPx);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const lane = randomInt(random, this.#whole.lanes);
      const yPx = laneCentreYPx(this.#whole, lane) + randomBetween(random, -5, 5);
      const leftPx = Math.round(
        Math.min(Math.max(xPx - windowPx / 2, 0), this.#whole.frameWidthPx - windowPx),
      );
      const noiseStart = randomInt(random, noiseLength) & (noiseLength - 4);
      const picture = this.#emptyBelt(leftPx, this.#topOf(lane), random.next() * 1000, noiseStart);
      const placed = { fruit, xPx, yPx, radiusPx, orientation };
      drawShadow(picture, placed);
      drawFruit(picture, this.#whole, placed, this.#light, this.#noise, noiseStart);
      this.#dirt?.apply(picture);
      const frame = this.#frameOf();
      const blobs = locateFruit(frame, this.#background, this.#window);
      const blob = blobs.find((found) => Math.abs(found.xPx + leftPx - xPx) < radiusPx / 2);
      if (blob === undefined) continue;
      this.#standardiser?.look(frame, blobs);
      cropFruit(frame, blob, size, crops, k * size * size * 3, this.#standardiser);
      const place: CropPlace = {
        radiusPx,
        offsetXPx: blob.xPx + leftPx - xPx,
        offsetYPx: blob.yPx + this.#topOf(lane) - yPx,
        sidePx: (2 * blob.semiMajorPx) / cropFill,
      };
      return { orientation, place };
    }
    throw new AppError('fruit-not-found', `a drawn fruit was not found in ${attemptsMax} looks`, {
      hint: 'choose another seed, or report it: the line is drawn too dark to see its fruit',
    });
  }

  #topOf(lane: number): number {
    return Math.round(laneCentreYPx(this.#whole, lane) - windowPx / 2);
  }

  #emptyBelt(left: number, top: number, encoderMm: number, noiseStart: number): Picture {
    const { frameWidthPx, frameHeightPx } = this.#window;
    const picture = { width: frameWidthPx, height: frameHeightPx, data: this.#data, left, top };
    this.#conveyor.draw(picture, encoderMm, this.#light, this.#noise, noiseStart & (noiseLength - 4));
    return picture;
  }

  #frameOf(encoderMm = 0): Frame {
    const { frameWidthPx, frameHeightPx } = this.#window;
    return {
      width: frameWidthPx,
      height: frameHeightPx,
      data: this.#data,
      seq: 0,
      capturedAtMs: 0,
      encoderMm,
    };
  }
}
