/** What documents name must exist: files, images, headings, commands, routes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTestControlPlane } from '@pomona/cloud/testing';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const cliFolder = join(root, 'cloud/src/cli');

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
    expect(seen).toBeGreaterThan(50);
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

  it('name commands that exist', () => {
    // Loading every command takes longer than this whole test: their names stand in the sources, as tidy as those are.
    const sources = readdirSync(cliFolder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(cliFolder, path), 'utf8'))
      .join('\n');
    const main = readFileSync(join(cliFolder, 'main.ts'), 'utf8');
    const nouns = new Set([...main.matchAll(/^ {2}([a-z]+): async/gm)].map(([, noun]) => noun));
    const verbs = new Set(
      [
        ...sources.matchAll(/(?:Command|verb|[a-zA-Z]+Command)\(\s*'([a-z]+)'/g),
        ...sources.matchAll(/^ {4}([a-z]+): '/gm),
      ].map(([, verb]) => verb),
    );
    const { seen, bad } = wrong(
      /(?:^|[\s`(;])pomona +([a-z]+(?: +[a-z]+)?)(?=[\s`,.;)]|$)/gm,
      (command) => {
        const [noun = '', verb] = command.split(/ +/);
        const hasVerbs = new RegExp(`new Command\\('${noun}'\\)[^;]*\\.addCommand|for \\(const each of`).test(
          sources,
        );
        return nouns.has(noun) && (verb === undefined || !hasVerbs || verbs.has(verb) || verb === noun);
      },
      documents.map(({ path, text }) => ({ path, text: codeOf(text) })),
    );
    expect(bad).toEqual([]);
    expect(seen).toBeGreaterThan(40);
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

/** The text of what stands between backquotes or is indented as a block, a line each. */
function codeOf(text: string): string {
  const blocks = [...text.matchAll(/^```[\s\S]*?^\s*```|^ {4}\S.*$|`[^`\n]+`/gm)].map(([block]) => block);
  return blocks.join('\n');
}
