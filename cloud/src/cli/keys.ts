import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkPlan,
  describeChange,
  dropWaitingChange,
  encodePlan,
  type LocalKey,
  makeKeyPair,
  makeLocalKey,
  openTrustRepository,
  parsePlan,
  planBytesMax,
  type RoleChange,
  readPrivateKeyFile,
  readPublicKeyFile,
  releaseError,
  signPlan,
  type TrustRepository,
  type TrustRepositoryOptions,
  type TrustRole,
  type TrustState,
  trustRoles,
  wantedSignatures,
  writeFileDurably,
} from '@pomona/release';
import { systemClock } from '@pomona/wire';
import { Argument, Command } from 'commander';
import { describeTrust, describeWanted } from './describe-trust.ts';
import {
  changeText,
  idText,
  type KeyChangeOptions,
  keyLogCommand,
  logged,
  reasonText,
  waitingText,
} from './keys-log.ts';
import { localActor } from './local-actor.ts';
import { dataOption, integerOption, jsonOption, pathOption } from './options.ts';
import { createOutput, type Output } from './output.ts';

interface KeysOptions {
  readonly data: string;
  readonly json?: true;
}

interface RotateOptions extends KeyChangeOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly only?: true;
  readonly new?: true;
  readonly threshold?: number;
}

interface SignOptions extends KeyChangeOptions {
  readonly key?: readonly string[];
}

const paths = (path: string, before: readonly string[] = []) => [...before, pathOption(path)];

export function keysCommand(): Command {
  return new Command('keys')
    .description('who signs what stations may install, and what waits for signatures')
    .addCommand(initCommand())
    .addCommand(listCommand())
    .addCommand(keyLogCommand())
    .addCommand(rootCommand())
    .addCommand(newCommand())
    .addCommand(rotateCommand())
    .addCommand(signCommand())
    .addCommand(applyCommand())
    .addCommand(dropCommand());
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...jsonOption);
}

/** Opening the repository makes it where there is none. */
function initCommand(): Command {
  return verb('init', 'make the keys of a new control plane, and say where they are')
    .option('--reason <text>', reasonText, 'keys for a new control plane')
    .action(async (options: KeyChangeOptions) => {
      const by = { actor: localActor(), reason: options.reason };
      report(options, await (await openTrust(options.data, by)).state());
    });
}

function listCommand(): Command {
  return verb('list', 'the keys of each role, where they are, and what waits for signatures').action(
    (options: KeysOptions) => show(options, (trust) => trust.state()),
  );
}

function rootCommand(): Command {
  return new Command('root')
    .description('print the root metadata, by which others check releases of this control plane')
    .option(...dataOption)
    .action(async ({ data }: KeysOptions) => {
      process.stdout.write(`${(await openTrust(data)).rootJson()}\n`);
    });
}

function newCommand(): Command {
  return new Command('new')
    .description('a key pair to keep elsewhere: FILE is private, FILE.pub may be shown')
    .argument('<file>', 'where to write it', pathOption)
    .option(...jsonOption)
    .action(async (file: string, options: Pick<KeysOptions, 'json'>) => {
      const { keyId } = await makeKeyPair(file);
      const made = { keyId, privateKey: file, publicKey: `${file}.pub` };
      createOutput(options.json === true).report(
        made,
        `key      ${keyId}\nprivate  ${file}\npublic   ${made.publicKey}: give it to pomona keys rotate`,
      );
    });
}

function rotateCommand(): Command {
  return verb('rotate', 'change who signs for a role; without options its metadata is signed anew')
    .addArgument(new Argument('<roles...>', 'whose keys').choices(trustRoles))
    .option('--add <files...>', 'public keys, as `pomona keys new` wrote them')
    .option('--remove <ids...>', 'keys to revoke, by the first 8 digits of their ids or more')
    .option('--only', 'revoke every key that is not added now')
    .option('--new', 'add a new key that stays on this machine')
    .option('--threshold <count>', 'so many of the keys must sign', integerOption(1, 16))
    .requiredOption('--reason <text>', reasonText)
    .action((roles: readonly TrustRole[], options: RotateOptions) =>
      show(options, async (trust) => {
        const changes = await changesOf(roles, options, await trust.state());
        const entry = { action: `rotate ${roles.join(' ')}`, detail: changes.map(changeText).join('; ') };
        return logged(options, entry, () => trust.changeRoles(changes));
      }),
    );
}

async function changesOf(
  roles: readonly TrustRole[],
  options: RotateOptions,
  { roles: standing }: TrustState,
): Promise<RoleChange[]> {
  const { data, add = [], remove = [], threshold } = options;
  const given = await Promise.all(add.map((file) => readPublicKeyFile(pathOption(file))));
  return Promise.all(
    roles.map(async (role) => {
      const made = options.new ? [(await makeLocalKey(join(data, 'keys'), role)).key.publicKey] : [];
      const before = standing.find((each) => each.role === role)?.keys.map(({ keyId }) => keyId) ?? [];
      return {
        role,
        add: [...given, ...made],
        remove: options.only ? before : remove,
        ...(threshold === undefined ? {} : { threshold }),
      };
    }),
  );
}

function signCommand(): Command {
  return verb('sign', 'sign what waits: in the data folder, or in a copy of the file elsewhere')
    .argument('[file]', 'a copy of waiting-change.json; it is signed in place', pathOption)
    .option('--key <file>', 'a private key; can be given several times. Without one you only see it', paths)
    .option('--reason <text>', reasonText, 'the change is right')
    .action(async (file: string | undefined, options: SignOptions) => {
      const keys = await Promise.all((options.key ?? []).map(readPrivateKeyFile));
      const output = createOutput(options.json === true);
      if (file !== undefined) return signCopy(file, keys, output);
      return show(options, async (trust) => {
        const state = await trust.state();
        if (keys.length === 0) return state;
        for (const line of state.waiting?.change ?? []) output.say(line);
        const by = keys.map(({ keyId }) => idText(keyId)).join(', ');
        const entry = { action: 'sign', detail: `by ${by}: ${waitingText(state)}` };
        return logged(options, entry, () => trust.signWaiting(keys));
      });
    });
}

async function signCopy(file: string, keys: readonly LocalKey[], output: Output): Promise<void> {
  const plan = parsePlan(await readPlan(file));
  checkPlan(plan);
  const change = describeChange(plan);
  for (const line of change) output.say(line);
  for (const { key } of keys) signPlan(plan, key);
  if (keys.length > 0) await writeFileDurably(file, encodePlan(plan), 0o600);
  const wanted = wantedSignatures(plan);
  const next =
    keys.length > 0
      ? `signed: bring it back and run pomona keys apply ${file}`
      : 'nothing is signed: should you know every key above, run it again with --key FILE';
  output.report({ change, wanted }, `${describeWanted(wanted)}\n${next}`);
}

function applyCommand(): Command {
  return verb('apply', 'take over the signatures of a copy that was signed elsewhere')
    .argument('<file>', 'the copy', pathOption)
    .option('--reason <text>', reasonText, 'it was signed elsewhere')
    .action((file: string, options: KeyChangeOptions) =>
      show(options, async (trust) => {
        const copy = await readPlan(file);
        const signed = wantedSignatures(parsePlan(copy)).flatMap(({ keys }) =>
          keys.filter((key) => key.signed),
        );
        const by = [...new Set(signed.map(({ keyId }) => idText(keyId)))].join(', ');
        const entry = {
          action: 'apply',
          detail: `by ${by || 'nobody'}: ${waitingText(await trust.state())}`,
        };
        return logged(options, entry, () => trust.signWaiting([], copy));
      }),
    );
}

function dropCommand(): Command {
  return verb('drop', 'take back a change of keys that waits; releases go on waiting')
    .requiredOption('--reason <text>', reasonText)
    .action(async (options: KeyChangeOptions) => {
      const drop = () => dropWaitingChange(trustOptionsOf(options.data));
      report(options, await logged(options, { action: 'drop', detail: 'what waited' }, drop));
    });
}

async function show(
  options: KeysOptions,
  work: (trust: TrustRepository) => Promise<TrustState>,
): Promise<void> {
  report(options, await work(await openTrust(options.data)));
}

function report(options: KeysOptions, state: TrustState): void {
  createOutput(options.json === true).report(state, describeTrust(state));
}

export function openTrust(
  data: string,
  by = { actor: localActor(), reason: 'the first use of a data folder' },
): Promise<TrustRepository> {
  return openTrustRepository({ ...trustOptionsOf(data), by });
}

function trustOptionsOf(data: string): TrustRepositoryOptions {
  return { folder: join(data, 'trust'), keysFolder: join(data, 'keys'), clock: systemClock };
}

async function readPlan(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.byteLength <= planBytesMax) return bytes;
    throw releaseError('trust-plan-invalid', `${file} is too large for a waiting change`);
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw releaseError('trust-plan-invalid', `cannot read ${file}`, { cause });
  }
}
