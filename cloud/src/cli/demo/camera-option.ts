import { InvalidArgumentError } from 'commander';
import { pathOption } from '../options.ts';

/** The folder of `replay:DIR`; undefined for `simulated`. */
export function cameraOption(text: string): string | undefined {
  if (text === 'simulated') return undefined;
  const [kind, ...rest] = text.split(':');
  const folder = rest.join(':');
  if (kind !== 'replay' || folder === '') throw new InvalidArgumentError('expected simulated or replay:DIR');
  return pathOption(folder);
}
