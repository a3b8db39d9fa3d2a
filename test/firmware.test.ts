import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const folder = temporaryFolder();
const claim = {
  v: 1,
  site: 'valley',
  line: 'line-1',
  station: 'a',
  url: 'https://10.0.0.2:8443',
  caSha256: 'a'.repeat(64),
  token: 't'.repeat(32),
  expiresAt: '2999-01-01T00:00:00.000Z',
};
const claimFile = join(folder, 'claim.json');
writeFileSync(claimFile, JSON.stringify(claim));
const out = join(folder, 'bundle');
const build = ['firmware', 'build', '--claim', claimFile, '--out', out];

describe('pomona firmware', () => {
  it('prints the schema of a station’s configuration', async () => {
    const { code, stdout } = await runCli(['firmware', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).required).toEqual(['v', 'site', 'line', 'station', 'dataDir', 'camera']);
  });

  it('writes a bundle, its secrets for the owner alone also over a file that was open', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'claim.json'), '', { mode: 0o644 });
    const { code, stdout } = await runCli([
      ...build,
      '--profile',
      'pi4',
      '--station',
      'valley/line-1/a',
      '--json',
    ]);
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout) as { files: string[] };
    expect(files).toContain('boot/pomona.txt');
    for (const file of files) expect(statSync(join(out, file)).size).toBeGreaterThan(50);
    expect(statSync(join(out, 'claim.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(out, 'user-data')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'user-data'), 'utf8')).toMatch(/^#cloud-config\n/);
  });

  it.each([
    ['an unknown board', ['--profile', 'pi3', '--station', 'valley/line-1/a'], 2],
    ['a place that is none', ['--profile', 'pi5', '--station', 'valley/../a'], 2],
    ['a claim for another station', ['--profile', 'pi5', '--station', 'valley/line-1/b'], 1],
  ])('refuses %s', async (_, args, expected) => {
    const { code, stderr } = await runCli([...build, ...args]);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/error/);
  });
});
