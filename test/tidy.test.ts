/** Guards the walls between and inside packages, and the habits that a compiler cannot see. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** Which of our packages each package may depend on. */
const arrows: Record<string, readonly string[]> = {
  'models/schema': [],
  'models/wire': ['schema'],
  'models/catalog': ['wire'],
  'models/grading': ['schema', 'wire'],
  'models/release': ['schema', 'wire'],
  'firmware-config': ['schema', 'wire'],
  'models/orchard': ['wire', 'grading'],
  'edge-agent': ['schema', 'wire', 'grading', 'release', 'firmware-config'],
  'cloud/kysely': [],
  'cloud/training': ['wire', 'catalog', 'grading', 'onnx-backend'],
  'cloud/training/backend': [],
  'cloud/console': ['wire'],
  cloud: [
    'schema',
    'wire',
    'grading',
    'release',
    'orchard',
    'catalog',
    'firmware-config',
    'kysely',
    'training',
    'console',
  ],
};

/** Inside these packages: what a layer may import. Files outside the three folders wire things together. */
const layered = ['cloud', 'cloud/training', 'cloud/training/backend', 'edge-agent'];
const layers: Record<string, readonly string[]> = {
  domain: ['domain'],
  'use-cases': ['domain', 'use-cases'],
  adapters: ['domain', 'use-cases', 'adapters'],
};

const rootEntries = [
  'LICENSE',
  'README.md',
  'CONTRIBUTING.md',
  'bundle.mjs',
  'cloud',
  'docs',
  'edge-agent',
  'firmware-config',
  'models',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'test',
  'tsconfig.base.json',
];

interface SourceFile {
  readonly path: string;
  readonly pkg: string;
  readonly text: string;
  readonly imports: readonly string[];
  readonly isTest: boolean;
}

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));

const packagePaths = Object.keys(arrows).sort((a, b) => b.length - a.length);
const sources: SourceFile[] = tracked
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
  .flatMap((path) => {
    const pkg = packagePaths.find((folder) => path.startsWith(`${folder}/`));
    if (pkg === undefined) return [];
    const text = readFileSync(join(root, path), 'utf8');
    return [{ path, pkg, text, imports: importsOf(text), isTest: isTestPath(path) }];
  });

function isTestPath(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /\/(testing|fixtures|bench)\//.test(path);
}

function importsOf(text: string): string[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|(?:^|\n)import\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function manifestOf(pkg: string): { dependencies?: object; devDependencies?: object; name: string } {
  return JSON.parse(readFileSync(join(root, pkg, 'package.json'), 'utf8'));
}

function packageNameOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

describe('walls between packages', () => {
  it.each(packagePaths)('%s depends on no more of ours than it may', (pkg) => {
    const ours = Object.keys(manifestOf(pkg).dependencies ?? {}).filter((name) =>
      name.startsWith('@pomona/'),
    );
    const allowed = arrows[pkg]?.map((name) => `@pomona/${name}`) ?? [];
    expect(ours.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('imports only what the package names as its dependency', () => {
    const undeclared = sources.flatMap((file) => {
      const manifest = manifestOf(file.pkg);
      const known = new Set([
        ...Object.keys(manifest.dependencies ?? {}),
        ...(file.isTest ? [...Object.keys(manifest.devDependencies ?? {}), 'vitest'] : []),
        ...(file.path.endsWith('.config.ts') ? Object.keys(manifest.devDependencies ?? {}) : []),
      ]);
      return file.imports
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .filter((name) => !known.has(packageNameOf(name)))
        .map((name) => `${file.path}: ${name}`);
    });
    expect(undeclared).toEqual([]);
  });

  it('never reaches into another package by a relative path', () => {
    const escapes = sources.flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith('.'))
        .filter((name) => !normalize(join(dirname(file.path), name)).startsWith(`${file.pkg}/`))
        .map((name) => `${file.path}: ${name}`),
    );
    expect(escapes).toEqual([]);
  });

  it('keeps TensorFlow.js, the orchard and the control plane off the device', () => {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const pkg = packagePaths.find((path) => manifestOf(path).name === name);
      if (pkg !== undefined) Object.keys(manifestOf(pkg).dependencies ?? {}).forEach(visit);
    };
    visit('@pomona/edge-agent');
    const banned = [...seen].filter(
      (name) => name.startsWith('@tensorflow/') || ['@pomona/orchard', '@pomona/cloud'].includes(name),
    );
    expect(banned).toEqual([]);
  });
});

describe('walls inside packages', () => {
  it.each(layered)('%s: domain ← use-cases ← adapters ← main', (pkg) => {
    const wrong = sources
      .filter((file) => file.pkg === pkg && !file.isTest)
      .flatMap((file) => {
        const layer = relative(`${pkg}/src`, file.path).split('/')[0] ?? '';
        const allowed = layers[layer];
        if (allowed === undefined) return [];
        return file.imports
          .filter((name) => name.startsWith('.'))
          .filter((name) => {
            const target = relative(`${pkg}/src`, normalize(join(dirname(file.path), name)));
            return !allowed.includes(target.split('/')[0] ?? '');
          })
          .map((name) => `${file.path}: ${name}`);
      });
    expect(wrong).toEqual([]);
  });

  it('keeps input and output out of every domain folder', () => {
    const impure = sources
      .filter((file) => layered.includes(file.pkg) && /\/domain\//.test(file.path) && !file.isTest)
      .flatMap((file) =>
        file.imports
          .filter((name) => /^node:(fs|net|tls|http|https|child_process|worker_threads|os)/.test(name))
          .map((name) => `${file.path}: ${name}`),
      );
    expect(impure).toEqual([]);
  });
});

describe('habits', () => {
  const shipped = sources.filter((file) => !file.isTest);

  it('reads clocks and chance through their ports', () => {
    const direct = shipped
      .filter((file) => file.pkg !== 'cloud/console' && !file.path.endsWith('/system-clock.ts'))
      .flatMap((file) => grep(file, /\b(Date\.now\(|Math\.random\(|performance\.now\(|new Date\(\)|hrtime)/));
    expect(direct).toEqual([]);
  });

  it('makes folders with makeFolder, which comes back where none can be made', () => {
    // The training program works in a folder that was made for it.
    const endless = shipped
      .filter((file) => file.pkg !== 'cloud/training')
      .flatMap((file) => grep(file, /\bmkdir(Sync)?\(.*recursive/));
    expect(endless).toEqual([]);
  });

  it('has no empty catch, no any and no silenced compiler', () => {
    const soft = sources
      .filter((file) => file.path !== 'test/tidy.test.ts')
      .flatMap((file) =>
        grep(file, /catch\s*(\([^)]*\))?\s*\{\s*\}|\bas any\b|@ts-(ignore|expect-error|nocheck)/),
      );
    expect(soft).toEqual([]);
  });

  it('names files in kebab-case and none of them utils', () => {
    const odd = sources
      .map((file) => basename(file.path).replace(/\.tsx?$/, ''))
      .filter(
        (name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config|gen))?$/.test(name) || /^utils?$/.test(name),
      );
    expect(odd).toEqual([]);
  });

  it('keeps files below 400 lines', () => {
    const long = shipped.filter((file) => file.text.split('\n').length > 400).map((file) => file.path);
    expect(long).toEqual([]);
  });

  it('has no file that nobody imports', () => {
    const reached = new Set<string>();
    for (const file of sources) {
      for (const name of file.imports) {
        if (!name.startsWith('.')) continue;
        const path = normalize(join(dirname(file.path), name));
        // AssemblyScript leaves the ending out.
        reached.add(path.endsWith('.ts') || path.endsWith('.tsx') ? path : `${path}.ts`);
      }
      for (const match of file.text.matchAll(/new URL\(\s*['"](\.[^'"]+)\.js['"]/g)) {
        reached.add(normalize(join(dirname(file.path), `${match[1]}.ts`)));
      }
    }
    const entries = /(^|\/)(main|index|[a-z-]+-main|[a-z0-9-]+\.(test|config|bench))\.tsx?$/;
    const dead = shipped.map((file) => file.path).filter((path) => !reached.has(path) && !entries.test(path));
    expect(dead).toEqual([]);
  });
});

describe('formatter and linter', () => {
  it('find nothing to change', () => {
    const biome = join(root, 'node_modules/.bin/biome');
    const { status, stdout, stderr } = spawnSync(biome, ['ci', '--colors=off', '--error-on-warnings', '.'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(0);
  });
});

describe('the root', () => {
  it('holds only what it should', () => {
    const visible = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules');
    expect(visible.filter((name) => !rootEntries.includes(name))).toEqual([]);
  });
});

function grep(file: SourceFile, pattern: RegExp): string[] {
  return file.text
    .split('\n')
    .flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1}: ${line.trim()}`] : []));
}
