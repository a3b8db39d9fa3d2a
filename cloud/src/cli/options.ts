import { resolve } from 'node:path';
import { isSlug } from '@pomona/wire';
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

/** What is done to the colours of crops: see `standardiseOf`. */
export interface ColourOptions {
  readonly whiteBalance?: true;
  readonly equalise?: true;
}

export const whiteBalanceOption = [
  '--white-balance',
  'take the light’s colour out, by what surrounds the fruit; so do stations',
] as const;

export const equaliseOption = ['--equalise', 'equalise the contrast of each fruit; so do stations'] as const;

export function integerOption(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}`);
    }
    return value;
  };
}

/** Of drawn crops: cells of the networks' maps are 4 or 8 pixels wide. */
export function drawnSizeOption(text: string): number {
  const size = integerOption(32, 256)(text);
  if (size % 8 !== 0) throw new InvalidArgumentError('expected a multiple of 8');
  return size;
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

export function slugOption(text: string): string {
  if (!isSlug(text)) throw new InvalidArgumentError('expected lower-case letters, digits and dashes');
  return text;
}

/** As the API asks of one. */
export function reasonOption(text: string): string {
  const reason = text.trim();
  if (reason.length < 3 || reason.length > 500)
    throw new InvalidArgumentError('expected a few words, 3 to 500 characters');
  return reason;
}

/** Any ISO 8601 date or time, as an instant of UTC. */
export function instantOption(text: string): string {
  const at = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('expected a date or time like 2026-11-24T06:00:00Z');
  return at.toISOString();
}

export const transformersOption = [
  '--transformers <folder>',
  'where @huggingface/transformers is installed (npm install --ignore-scripts --prefix), to be measured beside ours',
  pathOption,
] as const;
