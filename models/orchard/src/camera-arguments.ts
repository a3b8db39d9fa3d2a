import { parseArgs } from 'node:util';
import { AppError } from '@pomona/wire';
import { type StrangerKind, strangerKinds } from './stranger.ts';

export interface CameraArguments {
  readonly seed: number;
  /** Fruit per second over all lanes. */
  readonly fruitsPerS: number;
  readonly framesPerS: number;
  readonly lanes: number;
  readonly scenario: string | undefined;
  /** Second from which the scenario holds. */
  readonly scenarioFromS: number;
  /** The scenario holds from when this file is there, if it does not already. */
  readonly scenarioFile: string | undefined;
  readonly truthFile: string | undefined;
  readonly fruitsMax: number | undefined;
  readonly replayFolder: string | undefined;
  /** Share of the fruit that touches the one before it. */
  readonly touchingShare: number;
  /** Share of the fruit that rolls against its way. */
  readonly backwardShare: number;
  readonly strangers: readonly StrangerKind[];
}

export const cameraUsage = `usage: camera [--seed N] [--rate FRUITS_PER_S] [--fps N] [--lanes N] [--scenario NAME] [--scenario-from SECONDS]
              [--scenario-when FILE] [--truth FILE] [--fruits N] [--replay DIR]
              [--touching SHARE] [--backward SHARE] [--strangers leaf,cup,hand]
Writes frames of a sorting line to standard output until it is ended.`;

const never = Number.POSITIVE_INFINITY;

/** Reads the camera program's arguments; throws an `AppError` with code `usage` for what it cannot use. */
export function readCameraArguments(args: readonly string[]): CameraArguments {
  const { values } = parseOrExplain(args);
  const scenarioFile = values['scenario-when'];
  return {
    seed: numberOf(values.seed, 'seed', 1, 0, Number.MAX_SAFE_INTEGER),
    fruitsPerS: numberOf(values.rate, 'rate', 5, 0.01, 100),
    framesPerS: numberOf(values.fps, 'fps', 12, 0.1, 120),
    lanes: Math.floor(numberOf(values.lanes, 'lanes', 2, 1, 8)),
    scenario: values.scenario,
    scenarioFromS: numberOf(
      values['scenario-from'],
      'scenario-from',
      scenarioFile === undefined ? 0 : never,
      0,
      1e9,
    ),
    scenarioFile,
    truthFile: values.truth,
    fruitsMax:
      values.fruits === undefined ? undefined : Math.floor(numberOf(values.fruits, 'fruits', 0, 0, 1e9)),
    replayFolder: values.replay,
    touchingShare: numberOf(values.touching, 'touching', 0, 0, 0.9),
    backwardShare: numberOf(values.backward, 'backward', 0, 0, 1),
    strangers: (values.strangers?.split(',') ?? []).map(strangerOf),
  };
}

function parseOrExplain(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: {
        seed: text,
        rate: text,
        fps: text,
        lanes: text,
        scenario: text,
        'scenario-from': text,
        'scenario-when': text,
        truth: text,
        fruits: text,
        replay: text,
        touching: text,
        backward: text,
        strangers: text,
      },
    });
  } catch (cause) {
    throw usageError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function numberOf(
  text: string | undefined,
  name: string,
  fallback: number,
  low: number,
  high: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high)) {
    throw usageError(`--${name} is "${text}", not a number from ${low} to ${high}`);
  }
  return value;
}

function strangerOf(name: string): StrangerKind {
  const found = strangerKinds.find((kind) => kind === name);
  if (found === undefined)
    throw usageError(`--strangers names "${name}", none of ${strangerKinds.join(', ')}`);
  return found;
}

function usageError(message: string, cause?: unknown): AppError {
  return new AppError('usage', message, { hint: cameraUsage, ...(cause === undefined ? {} : { cause }) });
}
