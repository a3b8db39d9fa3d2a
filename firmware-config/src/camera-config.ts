/**
 * Where a station's frames come from. Exposure, gain and white balance of a camera are fixed: a grade must not depend on what
 * else lies on the belt. The defaults are places to start from; docs/installing.md says how they are set at the line.
 */
import { type Static, Type } from '@pomona/schema';
import { EncoderConfig } from './encoder-config.ts';

const strict = { additionalProperties: false };

/** Left out, the belt's travel is what a `command` says with its frames, and with any other kind time x `beltMmPerS`. */
const encoded = { encoder: Type.Optional(EncoderConfig) };

/** A program that writes raw pixels says neither when they were exposed nor where the belt was. */
const timed = {
  ...encoded,
  beltMmPerS: Type.Number({ exclusiveMinimum: 0, maximum: 10_000, default: 300 }),
  /** From the exposure to the first byte of the frame. */
  latencyMs: Type.Number({ minimum: 0, maximum: 2_000, default: 50 }),
  /** Where a program is faster, frames are left out. */
  framesPerSecond: Type.Number({ minimum: 1, maximum: 240, default: 15 }),
  /** Fruit moves to the right in the picture; for a camera that hangs the other way round. */
  rotate180: Type.Boolean({ default: false }),
};

const locked = {
  /** At 300 mm/s and 0.9 mm per pixel a fruit moves by 0.7 pixels in 2 ms. */
  exposureUs: Type.Integer({ minimum: 10, maximum: 200_000, default: 2_000 }),
  /** Of the sensor, as a factor. */
  gain: Type.Number({ minimum: 1, maximum: 64, default: 2 }),
};

/** A program that writes frames to its standard output, see the camera protocol in `@pomona/grading`. */
const CommandCamera = Type.Object(
  {
    kind: Type.Literal('command'),
    /** Program and arguments, handed over as they are: no shell reads them. */
    command: Type.Array(Type.String({ maxLength: 4_000 }), { minItems: 1, maxItems: 200 }),
    ...encoded,
  },
  strict,
);

/** A camera on the connector of a Raspberry Pi, by `rpicam-vid`. */
export const RpicamCamera = Type.Object(
  {
    kind: Type.Literal('rpicam'),
    /** As `rpicam-vid --list-cameras` counts. */
    camera: Type.Integer({ minimum: 0, maximum: 7, default: 0 }),
    ...timed,
    ...locked,
    /** White balance: what red and blue are multiplied with. */
    redGain: Type.Number({ minimum: 0.1, maximum: 16, default: 2 }),
    blueGain: Type.Number({ minimum: 0.1, maximum: 16, default: 1.8 }),
    /** Dioptres, for a lens with a motor: 1000 / distance in mm. Left out, the lens is not touched. */
    lensPosition: Type.Optional(Type.Number({ minimum: 0, maximum: 32 })),
    /** Of the sensor, `width:height:bits:packing`. Left out, rpicam chooses, and may cut the picture. */
    mode: Type.Optional(Type.String({ pattern: '^\\d{2,5}:\\d{2,5}(:\\d{1,2}(:[PU])?)?$' })),
    /** Rows of a frame start at multiples of so many bytes: 64 on a Pi 4, 128 on a Pi 5. */
    rowAlignBytes: Type.Enum([1, 2, 16, 32, 64, 128], { default: 64 }),
  },
  strict,
);
export type RpicamCamera = Static<typeof RpicamCamera>;

/** nvarguscamerasrc's property `wbmode`; its automatic and manual modes are left out. */
export const argusWhiteBalance = {
  off: 0,
  incandescent: 2,
  fluorescent: 3,
  'warm-fluorescent': 4,
  daylight: 5,
  'cloudy-daylight': 6,
  twilight: 7,
  shade: 8,
} as const;

/** A camera on the connector of a Jetson, or one that Linux knows (USB), by `gst-launch-1.0`. */
export const GstreamerCamera = Type.Object(
  {
    kind: Type.Literal('gstreamer'),
    /** The element that gives pictures; `videotestsrc` needs no camera. */
    source: Type.Enum(['nvarguscamerasrc', 'v4l2src', 'videotestsrc']),
    captureWidthPx: Type.Integer({ minimum: 64, maximum: 8_192, default: 1_280 }),
    captureHeightPx: Type.Integer({ minimum: 64, maximum: 8_192, default: 720 }),
    ...timed,
    /** Of nvarguscamerasrc, with `exposureUs`, `gain` and `whiteBalance`. */
    sensor: Type.Integer({ minimum: 0, maximum: 7, default: 0 }),
    ...locked,
    whiteBalance: Type.Enum(Object.keys(argusWhiteBalance) as (keyof typeof argusWhiteBalance)[], {
      default: 'fluorescent',
    }),
    /** Of v4l2src, with `controls`. */
    device: Type.String({ pattern: '^/dev/[\\w./-]{1,100}$', default: '/dev/video0' }),
    /** As `v4l2-ctl --list-ctrls` names them. The unit of the exposure is 100 µs. */
    controls: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }), Type.Integer(), {
      ...strict,
      maxProperties: 40,
      default: {
        auto_exposure: 1,
        exposure_time_absolute: 20,
        white_balance_automatic: 0,
        white_balance_temperature: 4_600,
      },
    }),
  },
  strict,
);
export type GstreamerCamera = Static<typeof GstreamerCamera>;

/** Whatever `ffmpeg` can read: a camera in the network (RTSP), a device, a film. */
export const FfmpegCamera = Type.Object(
  {
    kind: Type.Literal('ffmpeg'),
    /** An address, a device, or the absolute path of a file, which is shown again and again. */
    input: Type.String({ minLength: 1, maxLength: 4_000 }),
    /** What stands before `-i`, instead of what suits the input by its looks. */
    inputOptions: Type.Optional(Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 100 })),
    /** Of a stream that does not say it; left out, what it says, and else BT.601. */
    matrix: Type.Optional(Type.Enum(['bt601', 'bt709'])),
    ...timed,
  },
  strict,
);
export type FfmpegCamera = Static<typeof FfmpegCamera>;

/** A folder of pictures, each a whole frame, shown in the order of their names again and again. */
export const ReplayCamera = Type.Object(
  {
    kind: Type.Literal('replay'),
    folder: Type.String({ minLength: 1, maxLength: 1_000 }),
    /** Names with `*` and `?`; all of one type. */
    pattern: Type.String({ pattern: '^[^/]{1,100}$', default: '*.jpg' }),
    ...timed,
  },
  strict,
);
export type ReplayCamera = Static<typeof ReplayCamera>;

/**
 * A line that is drawn, or on which photographs of turning fruit roll: for a desk, since its program comes with the repository and
 * with no agent. Its frames carry their time and the encoder's position.
 */
export const SimulatedCamera = Type.Object(
  {
    kind: Type.Literal('simulated'),
    /** Over all lanes. */
    fruitsPerSecond: Type.Number({ minimum: 0.01, maximum: 100, default: 5 }),
    framesPerSecond: Type.Number({ minimum: 0.1, maximum: 120, default: 12 }),
    /** What is wrong with the light, the lens or the fruit; left out, nothing. */
    scenario: Type.Optional(Type.String({ pattern: '^[a-z][a-z-]{0,60}$' })),
    /** Share of the fruit that touches the one before it. */
    touchingShare: Type.Number({ minimum: 0, maximum: 0.9, default: 0 }),
    /** Share of the fruit that rolls against its way. */
    backwardShare: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
    /** What lies on the belt beside fruit. */
    strangers: Type.Array(Type.Enum(['leaf', 'cup', 'hand']), { maxItems: 3, default: [] }),
    /** A folder of photographs of turning fruit, that is shown instead of drawn fruit. */
    photographs: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    /** Other numbers are other fruit. */
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32, default: 1 }),
    ...encoded,
  },
  strict,
);
export type SimulatedCamera = Static<typeof SimulatedCamera>;

export const cameraKinds = {
  command: CommandCamera,
  rpicam: RpicamCamera,
  gstreamer: GstreamerCamera,
  ffmpeg: FfmpegCamera,
  replay: ReplayCamera,
  simulated: SimulatedCamera,
} as const;

export const CameraConfig = Type.Union([
  CommandCamera,
  RpicamCamera,
  GstreamerCamera,
  FfmpegCamera,
  ReplayCamera,
  SimulatedCamera,
]);
export type CameraConfig = Static<typeof CameraConfig>;

/** As a person writes it: what has a default may be left out. */
export type CameraDraft = {
  [kind in CameraConfig['kind']]: { readonly kind: kind } & Partial<Extract<CameraConfig, { kind: kind }>>;
}[CameraConfig['kind']];
