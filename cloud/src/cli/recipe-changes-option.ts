import { readFileSync } from 'node:fs';
import { systemErrorCode } from '@pomona/wire';
import { InvalidArgumentError } from 'commander';
import { pathOption } from './options.ts';

/** Settings of a training recipe: JSON as it is, or the file that it is in. */
export function recipeChangesOption(given: string): object {
  const text = given.trimStart().startsWith('{') ? given : read(pathOption(given));
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidArgumentError(`that is no JSON: ${error.message}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new InvalidArgumentError(`cannot read ${path} (${code})`);
  }
}
