/** What the page at the line remembers, in `dataDir/operator-page.json`. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import { Compile, Type } from '@pomona/schema';
import { Instant } from '@pomona/wire';
import type { DeskMemory } from '../use-cases/line-desk.ts';
import { parseJson } from './parse-json.ts';

const NotNegative = Type.Number({ minimum: 0 });
const MemoryFile = Type.Object({
  v: Type.Literal(1),
  pausedSince: Type.Optional(Instant),
  lens: Type.Optional(Type.Object({ sharpness: NotNegative, luma: NotNegative })),
});
const validator = Compile(MemoryFile);

export interface DeskMemoryOptions {
  readonly dataDir: string;
  /** Names the copy of a damaged file. */
  readonly boot: string;
  readonly onMovedAside: (to: string) => void;
}

export async function loadDeskMemory({
  dataDir,
  boot,
  onMovedAside,
}: DeskMemoryOptions): Promise<DeskMemory> {
  const file = fileIn(dataDir);
  const bytes = await readIfPresent(file);
  if (bytes === undefined) return {};
  const memory = parseJson(bytes.toString());
  if (validator.Check(memory)) return memory;
  const aside = `${file}.damaged-${boot}`;
  await rename(file, aside);
  onMovedAside(aside);
  return {};
}

/** On disk when it resolves. */
export async function saveDeskMemory(dataDir: string, memory: DeskMemory): Promise<void> {
  await writeFileDurably(fileIn(dataDir), `${JSON.stringify({ v: 1, ...memory })}\n`);
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'operator-page.json');
}
