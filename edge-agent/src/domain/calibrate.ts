/**
 * What a camera's picture means in millimetres, from one round target of known size in the middle of each lane. It is refused unless
 * all of them say the same: a camera that is not square to its belt, or a frame whose lanes are not equally wide, would
 * measure every fruit wrong.
 */
import { type Frame, type LineGeometry, laneCentreYPx, laneHeightPx } from '@pomona/grading';
import { type Static, Type } from '@pomona/schema';
import { AppError, Instant } from '@pomona/wire';
import type { CalibrationInUse } from './camera-health.ts';
import { type CameraPicture, otherPicture } from './camera-picture.ts';
import { findTargets, type Target } from './find-targets.ts';
import { PictureShift } from './picture-shift.ts';

const Positive = Type.Number({ exclusiveMinimum: 0 });

export const Calibration = Type.Object({
  /** Counts up with each calibration of the station. */
  version: Type.Integer({ minimum: 1 }),
  at: Instant,
  /** The one that was made the newest again by this. */
  copyOf: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Of the camera that was calibrated: another one has to be calibrated anew. */
  camera: Type.String(),
  /** What else decides which part of the world the picture shows; left out by older agents. */
  picture: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      maxProperties: 16,
    }),
  ),
  frameWidthPx: Type.Integer({ minimum: 1 }),
  frameHeightPx: Type.Integer({ minimum: 1 }),
  targetMm: Positive,
  /** What the targets say, each, from the top lane down. */
  targetsMmPerPx: Type.Array(Positive, { minItems: 1, maxItems: 16 }),
  mmPerPx: Positive,
  lanes: Type.Integer({ minimum: 1, maximum: 16 }),
  gateDistanceMm: Positive,
  /** How bright the belt beside the targets was: for people, who compare calibrations. */
  beltLuma: Type.Number({ minimum: 0, maximum: 255 }),
  /** Where what lies along the belt was (`PictureShift`), base64; left out where nothing does. */
  reference: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 12_000 })),
});
export type Calibration = Static<typeof Calibration>;

export interface CalibrationRequest {
  readonly targetMm: number;
  /** Measured along the belt, from the picture's right edge to the gates. */
  readonly gateDistanceMm: number;
  readonly camera: string;
  readonly picture: CameraPicture;
  /** That the station has. */
  readonly lanes: number;
  /** Smallest and largest fruit of the line. */
  readonly fruit: Pick<LineGeometry, 'fruitDiameterMinMm' | 'fruitDiameterMaxMm'>;
  readonly version: number;
  readonly at: string;
}

const contrastMin = 60;
const roundnessMin = 0.93;
const fillMin = 0.93;
/** Of the mean. */
const spreadMax = 0.03;
/** Of a lane's height. */
const offCentreMax = 0.2;
/** So many pixels the smallest fruit has at least: of less nothing can be said. */
const fruitPxMin = 16;
/** A lane is as wide as the largest fruit, and not wider than so many of them. */
const laneFruitsMax = 4;

/** Throws `calibration-failed`, with what was seen and what to change. */
export function calibrate(
  frame: Pick<Frame, 'width' | 'height' | 'data'>,
  request: CalibrationRequest,
): Calibration {
  const { targets, beltLuma, contrast } = findTargets(frame);
  if (contrast < contrastMin || targets.length === 0)
    throw failed(
      `no target stands out: the brightest part of the picture is ${contrast} of 255 brighter than the belt, ${contrastMin} are needed`,
      'Lay a matt white disc in the middle of each lane, with the line’s light on.',
    );
  for (const target of targets) checkRound(target);
  const lanes = targets.length;
  if (lanes !== request.lanes)
    throw failed(
      `${lanes === 1 ? 'one target was' : `${lanes} targets were`} found, and the station has ${request.lanes} ${request.lanes === 1 ? 'lane' : 'lanes'}`,
      `Lay one target in the middle of each lane; if it has ${lanes} now, say so: --lanes ${lanes}.`,
    );
  checkLanes(targets, { frameHeightPx: frame.height, lanes });
  const each = targets.map(({ diameterPx }) => request.targetMm / diameterPx);
  const mmPerPx = each.reduce((sum, value) => sum + value, 0) / lanes;
  const spread = (Math.max(...each) - Math.min(...each)) / mmPerPx;
  if (spread > spreadMax)
    throw failed(
      `the lanes differ by ${percent(spread)} in size, ${percent(spreadMax)} may be`,
      'Turn the camera until it looks straight down on the belt, and use targets of one size.',
    );
  checkSize(mmPerPx, frame.height / lanes, request);
  return {
    ...{ version: request.version, at: request.at, camera: request.camera, picture: request.picture },
    ...{ frameWidthPx: frame.width, frameHeightPx: frame.height, targetMm: request.targetMm },
    targetsMmPerPx: each.map((value) => rounded(value, 1e5)),
    ...{ mmPerPx: rounded(mmPerPx, 1e5), lanes, gateDistanceMm: request.gateDistanceMm, beltLuma },
  };
}

/** The calibration with where the camera looks, by some frames of the same picture, so that a camera that was moved is known at the next start. */
export function withReference(
  calibration: Calibration,
  frames: readonly Frame[],
  geometry: LineGeometry,
): Calibration {
  const shift = new PictureShift(calibratedGeometry(geometry, calibration, calibration.camera).geometry);
  for (const frame of frames) shift.look(frame);
  const reference = shift.reference();
  return reference === undefined
    ? calibration
    : { ...calibration, reference: Buffer.from(reference).toString('base64') };
}

/** The geometry by which a station grades: the calibration's where there is one that was made for this picture. */
export function calibratedGeometry(
  geometry: LineGeometry,
  calibration: Calibration | undefined,
  camera: string,
  picture: CameraPicture = {},
): {
  readonly geometry: LineGeometry;
  readonly inUse?: CalibrationInUse;
  readonly problem?: string;
} {
  if (calibration === undefined) return { geometry };
  const { frameWidthPx, frameHeightPx, mmPerPx, lanes, gateDistanceMm, version, reference } = calibration;
  const isSameFrame = frameWidthPx === geometry.frameWidthPx && frameHeightPx === geometry.frameHeightPx;
  const other = calibration.picture && otherPicture(calibration.picture, picture);
  if (isSameFrame && calibration.camera === camera && other === undefined)
    return {
      geometry: { ...geometry, mmPerPx, lanes, gateDistanceMm },
      inUse: { version, reference: reference === undefined ? undefined : Buffer.from(reference, 'base64') },
    };
  const what = !isSameFrame
    ? `${frameWidthPx} x ${frameHeightPx} and the station has ${geometry.frameWidthPx} x ${geometry.frameHeightPx}`
    : calibration.camera !== camera
      ? `${calibration.camera} and the station has ${camera}`
      : other;
  const problem = `calibration ${version} was made with ${what}; the configuration’s geometry is used until it is calibrated again`;
  return { geometry, problem };
}

function checkRound({ xPx, yPx, roundness, fill, touchesEdge }: Target): void {
  const place = `what is bright at ${Math.round(xPx)}, ${Math.round(yPx)}`;
  if (touchesEdge)
    throw failed(`${place} is cut off by the picture’s edge`, 'Move it into the picture, or take it away.');
  if (roundness < roundnessMin || fill < fillMin)
    throw failed(
      `${place} is not round: ${percent(roundness)} as high as long, ${percent(fill)} filled`,
      'Take away what is no target; a target that looks long says that the camera is not square to the belt.',
    );
}

/** A wrong `--target-mm` shows in lanes that hold no fruit, or a dozen side by side. */
function checkSize(
  mmPerPx: number,
  laneHeightPx: number,
  { targetMm, fruit: { fruitDiameterMinMm, fruitDiameterMaxMm } }: CalibrationRequest,
): void {
  const hint =
    'Measure the target again and give its diameter in millimetres, or correct the limits of the fruit in `geometry`.';
  const laneMm = laneHeightPx * mmPerPx;
  const by = `by targets of ${targetMm} mm`;
  if (laneMm < fruitDiameterMaxMm)
    throw failed(
      `${by} a lane is ${Math.round(laneMm)} mm wide, and fruit up to ${fruitDiameterMaxMm} mm`,
      hint,
    );
  if (laneMm > laneFruitsMax * fruitDiameterMaxMm)
    throw failed(
      `${by} a lane is ${Math.round(laneMm)} mm wide, more than ${laneFruitsMax} times the largest fruit (${fruitDiameterMaxMm} mm)`,
      hint,
    );
  const fruitPx = fruitDiameterMinMm / mmPerPx;
  if (fruitPx < fruitPxMin)
    throw failed(
      `${by} the smallest fruit (${fruitDiameterMinMm} mm) has ${fruitPx.toFixed(1)} pixels, ${fruitPxMin} are needed`,
      hint,
    );
}

function checkLanes(
  targets: readonly Target[],
  geometry: Pick<LineGeometry, 'frameHeightPx' | 'lanes'>,
): void {
  targets.forEach(({ yPx }, lane) => {
    const off = (yPx - laneCentreYPx(geometry, lane)) / laneHeightPx(geometry);
    if (Math.abs(off) <= offCentreMax) return;
    throw failed(
      `with ${targets.length} lanes the target of lane ${lane + 1} should lie at ${Math.round(laneCentreYPx(geometry, lane))} pixels from the top, and lies at ${Math.round(yPx)}`,
      'One target in the middle of each lane; move the camera until the lanes share the picture’s height equally.',
    );
  });
}

function failed(message: string, hint: string): AppError {
  return new AppError('calibration-failed', message, { hint });
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
