/** Puts a program on PATH that says what it is told to: what a camera's program would write, without a camera. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface StandInProgram {
  /** Written once, then it stays and is silent, unless it `exitCode`s. */
  readonly bytes?: Uint8Array;
  /** Where to. Default 1. */
  readonly fd?: 1 | 3;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** Returns a reader of the arguments that it was last started with. Changes `process.env.PATH`. */
export function putOnPath(folder: string, name: string, told: StandInProgram): () => string[] {
  const bin = join(folder, 'bin');
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(file('bytes'), told.bytes ?? '');
  writeFileSync(
    join(bin, name),
    `#!${process.execPath}
const { readFileSync, writeFileSync, writeSync } = require('node:fs');
writeFileSync(${JSON.stringify(file('args'))}, JSON.stringify(process.argv.slice(2)));
if (${JSON.stringify(told.stderr ?? '')}) writeSync(2, ${JSON.stringify(told.stderr ?? '')});
if (${JSON.stringify(told.stdout ?? '')}) writeSync(1, ${JSON.stringify(told.stdout ?? '')});
const bytes = readFileSync(${JSON.stringify(file('bytes'))});
// Above the 64 kB of a pipe it takes several turns, as with a real program.
for (let at = 0; at < bytes.length; ) at += writeSync(${told.fd ?? 1}, bytes, at);
${told.exitCode === undefined ? 'setInterval(() => undefined, 1e6);' : `process.exitCode = ${told.exitCode};`}
`,
  );
  chmodSync(join(bin, name), 0o755);
  if (!process.env.PATH?.startsWith(bin)) process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  return () => JSON.parse(readFileSync(file('args'), 'utf8')) as string[];
}
