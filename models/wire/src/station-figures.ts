/** What a station's health is made of beside numbers. */
import { type Static, Type } from '@pomona/schema';
import { Digest } from './ids.ts';
import { Nullable } from './nullable.ts';

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What a Raspberry Pi's firmware may hold against its power or its temperature. */
export const throttleCauses = [
  'under-voltage',
  'frequency-capped',
  'throttled',
  'soft-temperature-limit',
] as const;
export type ThrottleCause = (typeof throttleCauses)[number];
const ThrottleCauses = Type.Array(Type.Enum([...throttleCauses]), { maxItems: throttleCauses.length });

export const Throttled = Type.Object({ now: ThrottleCauses, sinceBoot: ThrottleCauses });
export type Throttled = Static<typeof Throttled>;

/** Of a station's fruit, the newest so many are judged together. */
export const recentFruitsMax = 1_000;

/**
 * The newest fruit that were first seen under the release that runs, of the last ten minutes. Fruit that a swap found in
 * the view belong to the release before.
 */
export const RecentFruits = Type.Object({
  release: Digest,
  fruits: Type.Integer({ minimum: 0, maximum: recentFruitsMax }),
  missedDeadlines: Count,
  /** From a fruit's last view to the last moment for its shot: what part of that time its decision took. */
  timeUsed: Type.Object({ p50: Type.Number({ minimum: 0 }), p95: Type.Number({ minimum: 0 }) }),
});
export type RecentFruits = Static<typeof RecentFruits>;

/** What can be wrong with a camera. */
export const cameraFaults = [
  'silent',
  'wrong-size',
  'no-encoder',
  'wrong-travel',
  'frozen',
  'black',
  'blown-out',
  'out-of-focus',
  'moved',
] as const;
export type CameraFault = (typeof cameraFaults)[number];
/** With one of these there is no fruit to be seen, or nobody knows where it is. */
export const blindingFaults: readonly CameraFault[] = [
  'silent',
  'wrong-size',
  'no-encoder',
  'wrong-travel',
  'frozen',
  'black',
  'blown-out',
];

/** Of those, the ones without a picture, which what the camera's program said explains. */
export function isPictureless(fault: CameraFault): boolean {
  return fault === 'silent' || fault === 'wrong-size';
}

/** How a station's camera sees. Figures are null where nothing can be told. */
export const CameraState = Type.Object({
  faults: Type.Array(Type.Enum([...cameraFaults]), { maxItems: cameraFaults.length }),
  /** With `silent` or `wrong-size`: why its program ended last, with what it said; left out otherwise, and by older agents. */
  why: Type.Optional(Type.String({ maxLength: 500 })),
  /** Median brightness of the newest picture. */
  luma: Nullable(Type.Number({ minimum: 0, maximum: 255 })),
  /** Of its strongest edges, the step over 2 pixels as a part of that over 10: 0.5 and more in focus. */
  sharpness: Nullable(Type.Number({ minimum: 0 })),
  /** By which the picture has moved across the belt since the calibration, or without one since the start. */
  shiftPx: Nullable(Type.Number()),
  /**
   * How far fruit moved in the picture as a share of how far the belt was said to, over the last seconds with fruit: 1. Null where fruit or
   * belt stood, and left out by older agents.
   */
  travelRatio: Type.Optional(Nullable(Type.Number())),
  /** The version of the calibration that the station measures by; left out without one. */
  calibration: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type CameraState = Static<typeof CameraState>;

/** What became of the shots, since the grading was started. */
export const GateState = Type.Object({
  /** The device that switches the outlets answers. */
  connected: Type.Boolean(),
  /** What was said last of why not one can be opened: which device, and what it refused; left out while they answer, and by older agents. */
  why: Type.Optional(Type.String({ maxLength: 500 })),
  /** Pulses given; shots that fell into one that was given already; shots that would have come too late, and were not given. */
  fired: Count,
  merged: Count,
  late: Count,
  /** Commands that the device did not take. */
  failed: Count,
  /** Gates of the recipe that have no outlet here, where there are several: their fruit travels on together. Left out otherwise. */
  withoutOutlet: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 63 }), { maxItems: 16 })),
  /** The same of the last ten minutes; left out by older agents. */
  recent: Type.Optional(Type.Object({ late: Count, failed: Count })),
  /** Left out where no sensor confirms shots, and by older agents: shots whose fruit a sensor saw leave, and did not see. */
  confirmed: Type.Optional(Count),
  unconfirmed: Type.Optional(Count),
  /** Of the outlet that has most of them: its last shots, one after the other, that were not confirmed. */
  unconfirmedInARow: Type.Optional(Count),
});
export type GateState = Static<typeof GateState>;
