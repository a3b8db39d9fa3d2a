/**
 * The state of the update in `dataDir/update.json`. It belongs to one control plane: after an enrolment at another one
 * its counter starts anew, while what runs keeps running.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, readIfPresent, writeFileDurably } from '@pomona/release';
import { Compile, Type } from '@pomona/schema';
import { Digest } from '@pomona/wire';
import { emptyUpdateState, UpdateState, withSlots } from '../domain/update-state.ts';
import type { UpdateJournal } from '../use-cases/update-ports.ts';
import { parseJson } from './parse-json.ts';

const Journal = Type.Object({ v: Type.Literal(1), authority: Digest, state: UpdateState });
const validator = Compile(Journal);

export interface UpdateJournalOptions {
  readonly dataDir: string;
  /** The key that desired states are signed with. */
  readonly desiredKeyPem: string;
  /** Names the copy of a damaged file. */
  readonly boot: string;
  readonly onMovedAside: (to: string) => void;
}

export function openUpdateJournal(options: UpdateJournalOptions): UpdateJournal {
  const file = join(options.dataDir, 'update.json');
  const authority = digestOf(Buffer.from(options.desiredKeyPem));
  return {
    async load() {
      const bytes = await readIfPresent(file);
      if (bytes === undefined) return emptyUpdateState;
      const journal = parseJson(bytes.toString());
      if (!validator.Check(journal)) {
        const aside = `${file}.damaged-${options.boot}`;
        await rename(file, aside);
        options.onMovedAside(aside);
        return emptyUpdateState;
      }
      const state = withSlots(journal.state);
      return journal.authority === authority ? state : { ...state, desired: null, update: { state: 'idle' } };
    },
    async save(state) {
      await writeFileDurably(file, `${JSON.stringify({ v: 1, authority, state })}\n`);
    },
  };
}
