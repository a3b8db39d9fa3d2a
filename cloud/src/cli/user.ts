import type { Role, UserView } from '@pomona/wire';
import { roles } from '@pomona/wire';
import { Command, Option } from 'commander';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { readPassword } from './read-password.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface UserOptions extends ServerOptions {
  readonly role: Role;
  readonly json?: true;
}

const passwordHelp = '\nThe password is taken from POMONA_PASSWORD, or read from the first line of stdin.';

export function userCommand(): Command {
  const add = userVerb('add', 'let somebody sign in')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .addOption(new Option('--role <role>', 'what they may do').choices([...roles]).default('viewer'))
    .addHelpText('after', passwordHelp)
    .action(async (name: string, options: UserOptions) => {
      const body = { name, role: options.role, password: await readPassword() };
      const user = await callServer<UserView>(serverOf(options), '/v1/users', body);
      createOutput(options.json === true).report(user, `${user.name} may sign in as ${user.role}`);
    });
  const list = userVerb('list', 'who may sign in').action(async (options: UserOptions) => {
    const users = await callServer<UserView[]>(serverOf(options), '/v1/users');
    const rows = users.map(({ name, role, createdAt }) => [name, role, createdAt]);
    createOutput(options.json === true).report(users, table(['name', 'role', 'since'], rows));
  });
  const remove = userVerb('remove', 'take somebody’s access away, at once')
    .argument('<name>', 'of the user')
    .action(async (name: string, options: UserOptions) => {
      await callServer(serverOf(options), `/v1/users/${encodeURIComponent(name)}`, undefined, 'DELETE');
      createOutput(options.json === true).report({ removed: name }, `removed ${name}`);
    });
  const password = userVerb('password', 'give somebody a new password; ends their sessions')
    .argument('<name>', 'of the user')
    .addHelpText('after', passwordHelp)
    .action(async (name: string, options: UserOptions) => {
      const path = `/v1/users/${encodeURIComponent(name)}/password`;
      await callServer(serverOf(options), path, { password: await readPassword() }, 'PUT');
      createOutput(options.json === true).report({ changed: name }, `${name} has a new password`);
    });
  const user = new Command('user').description('who may sign in to the console');
  for (const verb of [add, list, remove, password]) user.addCommand(verb);
  return user;
}

function userVerb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}
