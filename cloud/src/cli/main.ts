#!/usr/bin/env node
/** `pomona`: the one command line. Exit code 0: done, 1: failed, 2: wrong usage, 130: interrupted. */
import { systemErrorCode } from '@pomona/wire';
import { Command, CommanderError } from 'commander';
import { commandGroups, commands } from './commands.ts';
import { explainInHelp } from './help.ts';
import { describeFailure } from './output.ts';

const program = new Command('pomona')
  .description('Grades apples on sorting lines, and looks after the computers that do it.')
  .version('0.1.0')
  // After a command's name `--version` is that command's: `project show --version 3`.
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what is possible)')
  .addHelpText(
    'after',
    `
\`pomona demo\` shows all of it on this machine. \`pomona COMMAND --help\` says what a command takes.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
  );

const inHelp = Object.values(commandGroups).flat();
const called = process.argv[2] ?? '';
// In the order of their groups.
for (const name of Object.hasOwn(commands, called) ? [called] : inHelp)
  program.addCommand(await commands[name]!());
explainInHelp(program, commandGroups);
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
