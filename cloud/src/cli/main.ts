#!/usr/bin/env node
/** `pomona`: the one command line. Exit code 0: done, 1: failed, 2: wrong usage, 130: interrupted. */
import { systemErrorCode } from '@pomona/wire';
import { Command, CommanderError } from 'commander';
import { commands } from './commands.ts';
import { describeFailure } from './output.ts';

const program = new Command('pomona')
  .description('Grades apples on sorting lines, and looks after the computers that do it.')
  .version('0.1.0')
  // After a command's name `--version` is that command's: `project show --version 3`.
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what is possible)');

const named = Object.hasOwn(commands, process.argv[2] ?? '') ? commands[process.argv[2] ?? ''] : undefined;
for (const load of named === undefined ? Object.values(commands) : [named]) program.addCommand(await load());
exitByThrowing(program);

// `pomona … | head` has read enough.
process.stdout.on('error', (error) => {
  if (systemErrorCode(error) !== 'EPIPE') throw error;
  process.exit();
});
// Work goes on where nobody is left to be told of it.
process.stderr.on('error', (error) => {
  if (systemErrorCode(error) !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write('stopped\n');
    return 130;
  }
  process.stderr.write(`${describeFailure(error)}\n`);
  return 1;
}

function exitByThrowing(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
}
