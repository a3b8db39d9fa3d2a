import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandGroups, commands } from './commands.ts';
import { explainInHelp } from './help.ts';

const loaded = await Promise.all(Object.values(commands).map((load) => load()));
const program = new Command('pomona');
for (const command of loaded) program.addCommand(command);

function pathsOf(command: Command, before = ''): [string, Command][] {
  const path = `${before} ${command.name()}`.trim();
  return [[path, command], ...command.commands.flatMap((child) => pathsOf(child, path))];
}

describe('the table of commands', () => {
  it('has each by the name under which it is loaded', () => {
    expect(loaded.map((command) => command.name())).toEqual(Object.keys(commands));
  });
});

describe('the help of', () => {
  it.each(pathsOf(program).slice(1))('%s says what it does, and what each option is for', (path, command) => {
    const help = command.helpInformation();
    expect(help).toMatch(new RegExp(`^Usage: ${path} `));
    expect(command.description()).not.toBe('');
    expect(command.options.filter(({ description }) => description === '')).toEqual([]);
    expect(help.split('\n').length).toBeGreaterThan(4);
  });
});

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
