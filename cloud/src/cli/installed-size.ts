/** What the agent takes on a board's disk, without installing it: docs/installing.md has the commands that pack the same files. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const agentFolder = fileURLToPath(new URL('../../../edge-agent', import.meta.url));

interface PackageFile {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Bytes of the agent's package and of all that it depends on, each once. Without Node.js, and without what is for developing. */
export async function installedBytes(folder = agentFolder): Promise<number> {
  const seen = new Set<string>();
  const waiting = [await realpath(folder)];
  let bytes = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const described = JSON.parse(await readFile(join(at, 'package.json'), 'utf8')) as PackageFile;
    bytes += described.private === true ? await packedBytes(at) : await folderBytes(at);
    for (const name of Object.keys(described.dependencies ?? {})) waiting.push(await resolved(at, name));
  }
  return bytes;
}

/** Of a package of this repository, of which `files` says what is installed: npm knows those rules. */
async function packedBytes(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    ...{ cwd: folder, maxBuffer: 2 ** 26 },
  });
  const [packed] = JSON.parse(stdout) as [{ readonly unpackedSize: number }];
  return packed.unpackedSize;
}

/** Of a package as it came, without the packages inside of it and without libraries for other machines. */
async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += (await stat(path)).size;
    if (entry.isDirectory() && entry.name !== 'node_modules' && !isForOthers(path))
      bytes += await folderBytes(path);
  }
  return bytes;
}

/** ONNX Runtime brings a library for every system, in `bin/napi-v6/linux/x64` and the like. */
function isForOthers(path: string): boolean {
  const [, system, processor] = /[/\\]bin[/\\]napi-v\d+[/\\](\w+)(?:[/\\](\w+))?$/.exec(path) ?? [];
  return (system !== undefined && system !== platform()) || (processor !== undefined && processor !== arch());
}

/** As Node.js finds it, whatever the package exports. */
async function resolved(from: string, name: string): Promise<string> {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(folder)) return realpath(folder);
    if (at === dirname(at)) throw new Error(`${name}, on which ${from} depends, is not installed`);
  }
}
