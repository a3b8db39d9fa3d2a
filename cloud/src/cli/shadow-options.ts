import type { ShadowPlan } from '@pomona/wire';
import { type Command, InvalidArgumentError } from 'commander';
import { numberOption } from './options.ts';

export interface ShadowOptions {
  readonly shadow?: Partial<ShadowPlan> | boolean;
  readonly shadowStations?: number;
  readonly shadowAgreement?: number;
}

/** The shadow phase of a rollout. */
export function withShadowOptions(command: Command): Command {
  return command
    .option(
      '--shadow [fruits[,seconds]]',
      'first run it silently beside what the stations grade with, until each has compared so many fruits and so long; 500 and an hour unless given',
      shadowOption,
    )
    .option(
      '--shadow-stations <n>',
      'how many stations that is; below 1 a share; those of the first wave unless given',
      numberOption(0, 1_000_000),
    )
    .option(
      '--shadow-agreement <share>',
      'how much of that fruit must get the same grade; 0.85 unless given',
      numberOption(0, 1),
    );
}

/** Undefined where no option says anything of it; null with `--no-shadow`. */
export function shadowOf({
  shadow,
  shadowStations,
  shadowAgreement,
}: ShadowOptions): Partial<ShadowPlan> | null | undefined {
  if (shadow === false) return null;
  if (shadow === undefined && shadowStations === undefined && shadowAgreement === undefined) return undefined;
  return {
    ...(shadow === true ? {} : shadow),
    ...(shadowStations === undefined ? {} : { stations: shadowStations }),
    ...(shadowAgreement === undefined ? {} : { agreementMin: shadowAgreement }),
  };
}

/** Fruits, and seconds. */
export function shadowOption(text: string): Partial<ShadowPlan> {
  const [, fruits, seconds] = /^([1-9]\d{0,5})(?:,(\d{1,7}))?$/.exec(text) ?? [];
  if (fruits === undefined)
    throw new InvalidArgumentError('expected fruits, and seconds at least, such as 500,3600');
  return { fruitsMin: Number(fruits), ...(seconds === undefined ? {} : { forS: Number(seconds) }) };
}
