import { type CreatedToken, type Role, roles, type TokenView } from '@pomona/wire';
import { Command, Option } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface TokenOptions extends ServerOptions {
  readonly role: Role;
  readonly validFor: number;
  readonly json?: true;
}

export function tokenCommand(): Command {
  const create = tokenVerb('create', 'make a token with which a program calls the REST API; shown once')
    .argument('<name>', 'what it is for; lower-case letters, digits and dashes')
    .addOption(new Option('--role <role>', 'what it may do').choices([...roles]).default('viewer'))
    .option('--valid-for <days>', 'until it expires', integerOption(1, 3_650), 365)
    .action(async (name: string, options: TokenOptions) => {
      const body = { name, role: options.role, validForDays: options.validFor };
      const made = await callServer<CreatedToken>(serverOf(options), '/v1/tokens', body);
      const text = `${made.token}\n(shown once; id ${made.id}, role ${made.role}, until ${made.expiresAt})`;
      createOutput(options.json === true).report(made, text);
    });
  const list = tokenVerb('list', 'all tokens, without their secrets').action(
    async (options: TokenOptions) => {
      const tokens = await callServer<TokenView[]>(serverOf(options), '/v1/tokens');
      const rows = tokens.map((each) => [each.id, each.name, each.role, each.createdBy, each.expiresAt]);
      createOutput(options.json === true).report(
        tokens,
        table(['id', 'name', 'role', 'made by', 'until'], rows),
      );
    },
  );
  const revoke = tokenVerb('revoke', 'make a token useless, at once')
    .argument('<id>', 'as the list shows it')
    .action(async (id: string, options: TokenOptions) => {
      await callServer(serverOf(options), `/v1/tokens/${encodeURIComponent(id)}`, undefined, 'DELETE');
      createOutput(options.json === true).report({ revoked: id }, `revoked ${id}`);
    });
  const token = new Command('token').description('tokens with which programs call the REST API');
  for (const verb of [create, list, revoke]) token.addCommand(verb);
  return token;
}

function tokenVerb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}
