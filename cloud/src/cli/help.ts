import type { Command } from 'commander';

/** Has the help of all commands say which options must be given, and that of the program show its commands by groups. */
export function explainInHelp(program: Command, groups: Readonly<Record<string, readonly string[]>>): void {
  for (const [heading, names] of Object.entries(groups))
    for (const command of program.commands) if (names.includes(command.name())) command.helpGroup(heading);
  sayWhatMustBe(program);
}

function sayWhatMustBe(command: Command): void {
  const help = command.createHelp();
  command.configureHelp({
    optionDescription(option) {
      const said = help.optionDescription(option);
      return option.mandatory && option.defaultValue === undefined ? `${said} (required)` : said;
    },
  });
  for (const child of command.commands) sayWhatMustBe(child);
}
