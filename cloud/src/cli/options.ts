import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';

/** pnpm runs scripts in the repository's root; a person means the folder they stand in. */
export function pathOption(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

export const defaultDataFolder = '.pomona/data';

export const dataOption = [
  '--data <folder>',
  'the control plane’s data folder',
  pathOption,
  pathOption(defaultDataFolder),
] as const;

export const jsonOption = ['--json', 'print one JSON object on stdout, all else on stderr'] as const;

export function integerOption(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}`);
    }
    return value;
  };
}

export function numberOption(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high) {
      throw new InvalidArgumentError(`expected a number from ${low} to ${high}`);
    }
    return value;
  };
}

export const portOption = integerOption(0, 65_535);
