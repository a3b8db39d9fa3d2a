import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { pathOption } from './options.ts';

/** The agent shares no code with the control plane; the command line only starts its program. */
export const agentProgram = fileURLToPath(new URL('../../../edge-agent/dist/main.js', import.meta.url));

export function agentCommand(): Command {
  return new Command('agent')
    .description('the program on a board that grades fruit')
    .addCommand(ofStation('run', 'grade fruit until it is stopped'))
    .addCommand(
      ofStation('enrol', 'use a claim to get the station’s certificate, then end').option(
        '--again',
        'also when it has one: it was enrolled elsewhere since, or the control plane is another',
      ),
    )
    .addCommand(
      ofStation('still', 'take one picture with the station’s camera, then end').requiredOption(
        '--out <file>',
        'the picture: .png, with a Raspberry Pi’s camera also .jpg',
        pathOption,
      ),
    )
    .addCommand(
      forwarded(
        'pin',
        'read a PIN for the operator’s page from standard input, and print what the configuration keeps of it',
      ),
    )
    .addCommand(
      ofStation('calibrate', 'measure what a pixel is, by one round target in the middle of each lane')
        .option('--target-mm <mm>', 'diameter of the targets; without it you are asked for everything')
        .option('--gate-mm <mm>', 'from the picture’s right edge to the gates (as it was)')
        .option('--lanes <n>', 'lanes that it has (as configured)'),
    )
    .addCommand(
      ofStation('calibrations', 'list the calibrations that are kept, the newest last').option(
        '--use <version>',
        'make this one the newest again',
      ),
    );
}

function ofStation(verb: string, description: string): Command {
  return forwarded(verb, description)
    .requiredOption('--config <file>', 'the station’s configuration', pathOption)
    .option('--json-logs', 'log lines as JSON');
}

/** With the options that it declares, as they were given. */
function forwarded(verb: string, description: string): Command {
  return new Command(verb).description(description).action(async (_: unknown, command: Command) => {
    const flags = command.options.flatMap((option) => {
      const value: unknown = command.getOptionValue(option.attributeName());
      if (value === undefined) return [];
      return option.required ? [option.long ?? '', String(value)] : [option.long ?? ''];
    });
    const { agentEnvironment, agentNodeFlags } = await import('@pomona/firmware-config');
    // Detached: a Ctrl-C in the terminal is ours to pass on, and would else come twice, which ends an agent at once. The
    // channel ends the agent should this process die.
    const child = spawn(process.execPath, [...agentNodeFlags, agentProgram, verb, ...flags], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...agentEnvironment, ...process.env },
      detached: true,
    });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    process.exitCode = code ?? (signal === null ? 1 : 128 + constants.signals[signal]);
  });
}
