import { writeFile } from 'node:fs/promises';
import { contactSheet, lineStill, scenarioNames } from '@pomona/orchard';
import { Command, Option } from 'commander';
import { integerOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';

interface SheetOptions {
  readonly seed: number;
  readonly columns: number;
  readonly rows: number;
  readonly scenario?: string;
  readonly json?: true;
}

export function orchardCommand(): Command {
  return new Command('orchard')
    .description('drawn apples whose truth is known')
    .addCommand(
      picture('sheet', 'draw a contact sheet: good, ok and bad fruit', (options) =>
        contactSheet({ ...options }),
      ),
    )
    .addCommand(
      picture('still', 'draw one frame of the line camera', (options) => lineStill({ ...options })),
    );
}

function picture(
  name: string,
  description: string,
  draw: (options: SheetOptions) => Promise<Uint8Array>,
): Command {
  return new Command(name)
    .description(description)
    .argument('<out.png>', 'the file to write', pathOption)
    .option('--seed <number>', 'fixes what is drawn', integerOption(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--columns <number>', 'fruits beside each other', integerOption(1, 40), 12)
    .option('--rows <number>', 'fruits below each other', integerOption(1, 40), 6)
    .addOption(new Option('--scenario <name>', 'what happens on the line').choices([...scenarioNames]))
    .option(...jsonOption)
    .action(async (file: string, options: SheetOptions) => {
      const bytes = await draw(options);
      await writeFile(file, bytes);
      createOutput(options.json === true).report({ file, bytes: bytes.byteLength }, `wrote ${file}`);
    });
}
