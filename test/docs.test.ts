/** What documents name must exist: files, images, headings, commands, routes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultNetworkName, recipeFor } from '@pomona/catalog';
import { startTestControlPlane } from '@pomona/cloud/testing';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Every match of the first group, as `document: match`, that is not as it should be. */
function wrong(
  pattern: RegExp,
  isRight: (found: string, path: string) => boolean,
  from = documents,
): { readonly seen: number; readonly bad: string[] } {
  const all = from.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ path, found: match[1] ?? '' })),
  );
  const bad = all.filter(({ path, found }) => !isRight(found, path));
  return { seen: all.length, bad: bad.map(({ path, found }) => `${path}: ${found}`) };
}

/** GitHub's anchors of headings. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ +(.+)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('documents', () => {
  it('link to files, images and headings that exist', () => {
    const { seen, bad } = wrong(/\]\((?!https?:|mailto:)([^)\s]+)\)/g, (link, path) => {
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? join(root, path) : join(root, dirname(path), target);
      return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
    });
    expect(bad).toEqual([]);
    expect(seen).toBeGreaterThan(30);
  });

  it('name every strength of augmentation', () => {
    const { text } = documents.find(({ path }) => path === 'docs/operating.md')!;
    const names = Object.keys(recipeFor(defaultNetworkName, 1).augmentation);
    expect(names.filter((name) => !new RegExp(`[\`"]${name}[\`"]`).test(text))).toEqual([]);
  });

  it('name a test for each attack', () => {
    const rows = documents
      .find(({ path }) => path === 'test/attacks.md')!
      .text.match(/^\|.*\|$/gm)!
      .slice(2);
    const missing = rows.filter((row) => {
      const [, , , file = '', title = ''] = row.split('|').map((cell) => cell.trim());
      return !readFileSync(join(root, file.replaceAll('`', '')), 'utf8').includes(title);
    });
    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(15);
  });

  it('name files of the repository that exist', () => {
    const architecture = documents.filter(({ path }) => path === 'docs/architecture.md');
    const { seen, bad } = wrong(
      /`((?:models|cloud|edge-agent|firmware-config|test|docs)\/[\w./-]+)`/g,
      (path) => existsSync(join(root, path)),
      architecture,
    );
    expect(bad).toEqual([]);
    expect(seen).toBeGreaterThan(40);
  });

  it('name commands and options that exist', async () => {
    const commands = await commandTree();
    const { seen, bad } = wrong(
      /(?:^|[\s`(;])pomona +([a-z][^`#|\n]*)/gm,
      (line) => {
        const [noun = '', verb = '', ...rest] = line.trim().split(/\s+/);
        const parent = commands.get(noun);
        const command = parent?.commands.length
          ? parent.commands.find((each) => each.name() === verb)
          : parent;
        if (command === undefined) return parent !== undefined && !/^[a-z]+$/.test(verb);
        const known = new Set(['--help', ...command.options.map(({ long }) => long)]);
        return [verb, ...rest].filter((word) => /^--[a-z]/.test(word)).every((option) => known.has(option));
      },
      documents.map(({ path, text }) => ({ path, text: codeOf(text) })),
    );
    expect(bad).toEqual([]);
    expect(seen).toBeGreaterThan(60);
  });

  it('give each command that they show what it asks for', async () => {
    const commands = await commandTree();
    for (const command of commands.values()) dryRun(command);
    const lines = documents.flatMap(({ path, text }) =>
      [...blocksOf(text).matchAll(/^\s*(?:\$ )?pomona +([a-z][^\n]*)$/gm)].map(([, line = '']) => ({
        path,
        line,
      })),
    );
    const wrongly: string[] = [];
    for (const { path, line } of lines) {
      const [noun = '', ...args] = wordsOf(line);
      if (args.some((word) => word.includes('…'))) continue;
      await commands
        .get(noun)
        ?.parseAsync(args, { from: 'user' })
        .catch(({ message }: Error) => wrongly.push(`${path}: ${line}: ${message}`));
    }
    expect(wrongly).toEqual([]);
    expect(lines.length).toBeGreaterThan(60);
  });

  it('name routes of the REST API that exist', async () => {
    const { plane, remove } = await startTestControlPlane();
    const api = (await (await fetch(`${plane.urls.console}/openapi.json`)).json()) as { paths: object };
    await remove();
    const shapes = new Set(
      Object.keys(api.paths).map((path) =>
        path
          .replace(/\{\w+\}/g, '*')
          .split('/')
          .join(' '),
      ),
    );
    const { seen, bad } = wrong(/(?<![\w.])(\/v1\/[\w/{}:.@-]*\w\}?)/g, (path) => {
      const parts = path.split('/');
      return [...shapes].some((shape) => {
        const wanted = shape.split(' ');
        return (
          wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at])
        );
      });
    });
    expect(bad).toEqual([]);
    expect(seen).toBeGreaterThan(10);
  });
});

interface BuiltCommand {
  readonly commands: readonly BuiltCommand[];
  readonly options: readonly { readonly long: string }[];
  name(): string;
  exitOverride(): unknown;
  configureOutput(to: { writeOut: () => void; writeErr: () => void }): unknown;
  action(run: () => void): unknown;
  parseAsync(args: readonly string[], from: { from: 'user' }): Promise<unknown>;
}

/** Has it and those below only read what they are given. */
function dryRun(command: BuiltCommand): void {
  command.exitOverride();
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const each of command.commands) dryRun(each);
}

/** As a shell cuts it, up to a comment, a pipe or a redirection; words that stand for others as such. */
function wordsOf(line: string): string[] {
  const [command = ''] = line.split(/\s+(?:#|\||>|<|&&|;)/);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
    (double ?? single ?? plain ?? '').replace('SITE/LINE/STATION', 'site/line/station'),
  );
}

/** The command line's commands as they are built, by name. */
async function commandTree(): Promise<ReadonlyMap<string, BuiltCommand>> {
  const table = readFileSync(join(root, 'cloud/src/cli/commands.ts'), 'utf8');
  const rows = [...table.matchAll(/^ {2}([a-z]+): async .*import\('\.\/(.+)\.ts'\)\)\.(\w+)\(\)/gm)];
  const made = rows.map(async ([, noun = '', file = '', maker = '']) => {
    const built = await import(join(root, 'cloud/dist/cli', `${file}.js`));
    return [noun, built[maker]() as BuiltCommand] as const;
  });
  return new Map(await Promise.all(made));
}

/** The text of what stands between backquotes or is indented as a block, a line each. */
function codeOf(text: string): string {
  const inline = [...text.matchAll(/`[^`\n]+`/g)].map(([code]) => code);
  return [blocksOf(text), ...inline].join('\n');
}

/** Of the blocks alone; a line that goes on below is one. */
function blocksOf(text: string): string {
  const blocks = [...text.matchAll(/^\s*```[\s\S]*?^\s*```|^ {4}\S.*$/gm)].map(([block]) => block);
  return blocks.join('\n').replaceAll(/\\\n\s*/g, '');
}
