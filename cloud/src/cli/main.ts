#!/usr/bin/env node
/** `pomona`: the one command line. Exit code 0: done, 1: failed, 2: wrong usage, 130: interrupted. */
import { Command, CommanderError } from 'commander';
import { describeFailure } from './output.ts';

/** Each is loaded when it is called: together they take a second, most of it for what one command needs. */
const commands: Record<string, () => Promise<Command>> = {
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand(),
  up: async () => (await import('./up.ts')).upCommand(),
  agent: async () => (await import('./agent.ts')).agentCommand(),
  station: async () => (await import('./station.ts')).stationCommand(),
  firmware: async () => (await import('./firmware.ts')).firmwareCommand(),
  reader: async () => (await import('./reader.ts')).readerCommand(),
  user: async () => (await import('./user.ts')).userCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  dataset: async () => (await import('./dataset.ts')).datasetCommand(),
  features: async () => (await import('./features.ts')).featuresCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  tune: async () => (await import('./tune.ts')).tuneCommand(),
  retrain: async () => (await import('./retrain.ts')).retrainCommand(),
  model: async () => (await import('./model.ts')).modelCommand(),
  alert: async () => (await import('./alert.ts')).alertCommand(),
  webhook: async () => (await import('./webhook.ts')).webhookCommand(),
  rollout: async () => (await import('./rollout.ts')).rolloutCommand(),
  predict: async () => (await import('./predict.ts')).predictCommand(),
  project: async () => (await import('./project.ts')).projectCommand(),
  orchard: async () => (await import('./orchard.ts')).orchardCommand(),
  broker: async () => (await import('./broker.ts')).brokerCommand(),
  sim: async () => (await import('./sim.ts')).simCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

const program = new Command('pomona')
  .description('Grades apples on sorting lines, and looks after the computers that do it.')
  .version('0.1.0')
  .showHelpAfterError('(add --help for what is possible)');

const named = Object.hasOwn(commands, process.argv[2] ?? '') ? commands[process.argv[2] ?? ''] : undefined;
for (const load of named === undefined ? Object.values(commands) : [named]) program.addCommand(await load());
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
