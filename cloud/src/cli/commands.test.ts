import { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { commandGroups, commands } from './commands.ts';
import { explainInHelp } from './help.ts';

it('shows every command in one group of the help', () => {
  expect(Object.values(commandGroups).flat().toSorted()).toEqual(Object.keys(commands).toSorted());
});

it('says which options must be given, also of commands within commands', () => {
  const verb = new Command('import')
    .requiredOption('--name <name>', 'of the dataset')
    .requiredOption('--seed <number>', 'fixes the split', '1')
    .addOption(new Option('--kind <kind>', 'which').choices(['a', 'b']).makeOptionMandatory());
  const program = new Command('pomona').addCommand(new Command('dataset').addCommand(verb));
  explainInHelp(program, { 'Photographs:': ['dataset'] });
  const words = (text: string) => text.replaceAll(/\s+/g, ' ');
  expect(words(program.helpInformation())).toContain('Photographs: dataset');
  expect(words(verb.helpInformation())).toContain('--name <name> of the dataset (required) --seed');
  expect(words(verb.helpInformation())).toContain('fixes the split (default: "1") --kind');
  expect(words(verb.helpInformation())).toContain('which (choices: "a", "b") (required)');
});
