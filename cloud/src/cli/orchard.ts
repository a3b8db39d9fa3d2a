import { writeFile } from 'node:fs/promises';
import { contactSheet, lineStill, scenarioNames } from '@pomona/orchard';
import { Command, Option } from 'commander';
import { integerOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';

interface PictureOptions {
  readonly seed: number;
  readonly scenario?: string;
  readonly json?: true;
}

interface SheetOptions extends PictureOptions {
  readonly columns: number;
  readonly rows: number;
}

export function orchardCommand(): Command {
  return new Command('orchard')
    .description('drawn apples whose truth is known')
    .addCommand(
      picture('sheet', 'draw a contact sheet: good, ok and bad fruit', (options: SheetOptions) =>
        contactSheet({ ...options }),
      )
        .option('--columns <number>', 'fruits beside each other', integerOption(1, 40), 12)
        .option('--rows <number>', 'fruits below each other', integerOption(1, 40), 6),
    )
    .addCommand(
      picture('still', 'draw one frame of the line camera', (options) => lineStill({ ...options })),
    );
}

function picture<O extends PictureOptions>(
  name: string,
  description: string,
  draw: (options: O) => Promise<Uint8Array>,
): Command {
  return new Command(name)
    .description(description)
    .argument('<out.png>', 'the file to write', pathOption)
    .option('--seed <number>', 'fixes what is drawn', integerOption(0, Number.MAX_SAFE_INTEGER), 1)
    .addOption(new Option('--scenario <name>', 'what happens on the line').choices([...scenarioNames]))
    .option(...jsonOption)
    .action(async (file: string, options: O) => {
      const bytes = await draw(options);
      await writeFile(file, bytes);
      createOutput(options.json === true).report({ file, bytes: bytes.byteLength }, `wrote ${file}`);
    });
}
