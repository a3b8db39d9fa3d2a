import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commands } from './commands.ts';

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
