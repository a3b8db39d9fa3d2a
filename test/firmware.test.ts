import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPin } from '@pomona/firmware-config';
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

  it('opens the page at the line as it is told, with the hash of a PIN and not the PIN', async () => {
    const pin = join(folder, 'pin');
    writeFileSync(pin, '482913\n');
    const board = ['--profile', 'orin-nano', '--station', 'valley/line-1/a'];
    const page = ['--page', '0.0.0.0', '--page-port', '9000', '--page-pin', pin, '--page-watching', 'pin'];
    const { code, stderr } = await runCli([...build, ...board, ...page]);
    expect(code, stderr).toBe(0);
    const { operatorPage } = JSON.parse(readFileSync(join(out, 'station.json'), 'utf8'));
    expect(operatorPage).toMatchObject({ host: '0.0.0.0', port: 9_000, watching: 'pin' });
    expect(await isPin(operatorPage.pinHash, '482913')).toBe(true);
    expect(statSync(join(out, 'station.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'user-data'), 'utf8')).not.toContain('482913');

    const withoutPin = await runCli([...build, ...board, '--page', '0.0.0.0', '--page-watching', 'pin']);
    expect(withoutPin.code).toBe(1);
    expect(withoutPin.stderr).toContain('operatorPage.pinHash is missing');
    const withoutPage = await runCli([...build, ...board, '--page-port', '9000']);
    expect(withoutPage.code).toBe(2);
    writeFileSync(pin, 'secret');
    expect((await runCli([...build, ...board, '--page', '0.0.0.0', '--page-pin', pin])).stderr).toContain(
      '4 to 12 digits',
    );
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
