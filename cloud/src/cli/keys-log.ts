import { join } from 'node:path';
import {
  addToKeyLog,
  makeFolder,
  type RoleChange,
  readKeyLog,
  type TrustState,
  trustKeyOf,
} from '@pomona/release';
import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localActor } from './local-actor.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';

export interface KeyChangeOptions {
  readonly data: string;
  readonly reason: string;
  readonly json?: true;
}

export const reasonText = 'why; it is kept in the log of the keys';

export function keyLogCommand(): Command {
  return new Command('log')
    .description('who changed the keys, and why, newest first')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async ({ data, json }: Omit<KeyChangeOptions, 'reason'>) => {
      const entries = (await readKeyLog(join(data, 'keys'))).reverse();
      const rows = entries.map(({ at, actor, action, reason, detail }) => [
        at,
        actor,
        action,
        reason,
        detail,
      ]);
      const text = rows.length === 0 ? 'Nothing was changed since there is a log.' : undefined;
      createOutput(json === true).report(
        entries,
        text ?? table(['at', 'by', 'change', 'reason', 'detail'], rows),
      );
    });
}

export function changeText({ role, add, remove, threshold }: RoleChange): string {
  const words = [
    ...add.map((key) => `+${idText(trustKeyOf({ publicKey: key }).keyID)}`),
    ...remove.map((keyId) => `-${idText(keyId)}`),
    ...(threshold === undefined ? [] : [`${threshold} must sign`]),
  ];
  return `${role}: ${words.join(' ') || 'signed anew'}`;
}

export const idText = (keyId: string) => keyId.slice(0, 12);

export function waitingText({ waiting }: TrustState): string {
  return waiting?.change.join('; ') ?? 'nothing waits';
}

/** The entry is on the disk before the change is: a crash between the two leaves one too many, never one too few. */
export async function logged(
  { data, reason }: KeyChangeOptions,
  { action, detail }: { readonly action: string; readonly detail: string },
  change: () => Promise<TrustState>,
): Promise<TrustState> {
  const add = (done: string, found: string) =>
    addToKeyLog(join(data, 'keys'), {
      ...{ at: new Date(systemClock.nowMs()).toISOString(), actor: localActor(), reason },
      ...{ action: done, detail: found },
    });
  await makeFolder(join(data, 'keys'), 0o700);
  await add(action, detail);
  try {
    return await change();
  } catch (error) {
    await add(`${action}: refused`, error instanceof Error ? error.message : String(error));
    throw error;
  }
}
