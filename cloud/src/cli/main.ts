#!/usr/bin/env node
/** `pomona`: the one command line. Exit code 0: done, 1: failed, 2: wrong usage, 130: interrupted. */
import { Command, CommanderError } from 'commander';
import { agentCommand } from './agent.ts';
import { benchCommand } from './bench.ts';
import { datasetCommand } from './dataset.ts';
import { demoCommand } from './demo/demo-command.ts';
import { modelCommand } from './model.ts';
import { orchardCommand } from './orchard.ts';
import { describeFailure } from './output.ts';
import { readerCommand } from './reader.ts';
import { stationCommand } from './station.ts';
import { trainCommand } from './train.ts';
import { upCommand } from './up.ts';

const program = new Command('pomona')
  .description('Grades apples on sorting lines, and looks after the computers that do it.')
  .version('0.1.0')
  .showHelpAfterError('(add --help for what is possible)')
  .addCommand(demoCommand())
  .addCommand(upCommand())
  .addCommand(agentCommand())
  .addCommand(stationCommand())
  .addCommand(readerCommand())
  .addCommand(datasetCommand())
  .addCommand(trainCommand())
  .addCommand(modelCommand())
  .addCommand(orchardCommand())
  .addCommand(benchCommand());

exitByThrowing(program);

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
