/** The command line as its users meet it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSpottedPhotograph } from '@pomona/cloud/testing';
import { describe, expect, it } from 'vitest';
import { cliProgram, runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const folder = temporaryFolder();
/** One of each depth; every command's text is looked at beside its source. */
const commands = ['', 'demo', 'bench fleet'];

describe('pomona', () => {
  it.each(commands)('%s --help says what it does', async (command) => {
    const { code, stdout } = await runCli([...command.split(' ').filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: pomona/);
    expect(stdout.split('\n').length).toBeGreaterThan(4);
  });

  it.each([
    [['no-such-command']],
    [['demo', '--no-such-option']],
    [['demo', '--fruits', 'many']],
    [['demo', '--camera', 'webcam']],
    [['up', '--http-port', '70000']],
    [['dataset', 'import']],
    [['agent', 'run']],
    [['station', 'enrol', 'Packhouse/line/camera']],
  ])('%s is a usage error: exit code 2 and a word on stderr', async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: .*\n/);
  });

  it
    .skipIf(process.platform !== 'linux')
    .each([
      [['up']],
      [['demo', '--once']],
      [['keys', 'list']],
      [['model', 'list']],
      [['dataset', 'draw', '--name', 'few']],
    ])('%s ends, and says so, where its data folder cannot be made', async (args) => {
    const { code, stdout, stderr } = await runCli([...args, '--data', '/proc/pomona']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error (data-folder-not-writable|folder-not-made): .*\/proc\/pomona\n/m);
    expect(stderr).toMatch(/or name another folder/);
  });

  it.each([
    [['model', 'list'], []],
    [['dataset', 'list'], []],
  ])('%s --json prints one JSON value on stdout', async (args, expected) => {
    const { code, stdout } = await runCli([...args, '--json', '--data', join(folder, 'empty')]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it('says how to start a control plane when none runs', async () => {
    const { code, stderr } = await runCli(['station', 'list', '--data', join(folder, 'empty')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/control-plane-not-running[\s\S]*pomona up/);
  });

  it('says which model is not there and where to look', async () => {
    const { code, stderr } = await runCli(['model', 'show', 'nothing@3', '--data', join(folder, 'empty')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/model-unknown: .*nothing@3.*\n.*pomona model list/);
  });

  it('lists readers of the broker, says that one was there already, and takes one away', async () => {
    const data = ['--data', join(folder, 'readers')];
    const add = (...channels: string[]) =>
      runCli(['reader', 'add', 'erp', '--channels', ...channels, ...data]);
    expect((await add('grades', 'health')).stdout).not.toMatch(/there already/);
    expect((await add('grades')).stdout).toMatch(/was there already, for grades, health/);
    const list = async () => JSON.parse((await runCli(['reader', 'list', '--json', ...data])).stdout);
    expect(await list()).toEqual([{ user: 'erp', channels: ['grades'] }]);
    expect((await runCli(['reader', 'remove', 'erp', ...data])).code).toBe(0);
    expect(await list()).toEqual([]);
    const { code, stderr } = await runCli(['reader', 'remove', 'erp', ...data]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/reader-unknown: .*erp/)]);
  });

  it('names the folder that is not there', async () => {
    const { code, stderr } = await runCli([
      ...['dataset', 'import', join(folder, 'absent'), '--name', 'x', '--data', join(folder, 'empty')],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(join(folder, 'absent'));
  });

  it('ends without a word when whoever reads it has read enough', () => {
    const { stderr } = spawnSync('sh', ['-c', '"$0" "$1" --help | true', process.execPath, cliProgram], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
  });

  it('says on a full disk that it is full, whatever was to be written', async (context) => {
    const small = join(folder, 'small');
    const data = join(small, 'data');
    mkdirSync(small);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', small], {
      encoding: 'utf8',
    });
    if (mounted.status !== 0 && process.env.POMONA_REQUIRE_ALL !== '1')
      context.skip(`no right to mount a small disk: ${mounted.stderr}`);
    expect(mounted.stderr).toBe('');
    try {
      expect((await runCli(['project', 'show', '--data', data])).code).toBe(0);
      spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'rest')}`, 'bs=1k'], { stdio: 'ignore' });
      const listing = await runCli(['dataset', 'list', '--data', data]);
      expect(listing.stderr).toMatch(/^error database-full: /);
      // Room for the database, and not for what comes with photographs.
      truncateSync(join(small, 'rest'), statSync(join(small, 'rest')).size - 150_000);
      const photographs = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((seed) => drawSpottedPhotograph(seed).png().toBuffer()),
      );
      for (const [at, bytes] of photographs.entries()) {
        const grade = join(folder, 'sorted', at < 3 ? 'good' : 'bad');
        mkdirSync(grade, { recursive: true });
        writeFileSync(join(grade, `${at}.png`), bytes);
      }
      const sorted = ['dataset', 'import', join(folder, 'sorted'), '--name', 'x', '--data', data];
      const importing = await runCli(sorted);
      expect(importing.code).toBe(1);
      expect(importing.stderr).toMatch(
        /^error (disk-full|dataset-not-written|database-full): [\s\S]*Free some/m,
      );
      expect(importing.stderr).not.toMatch(/^ +at /m);
    } finally {
      spawnSync('umount', ['-l', small]);
    }
  }, 60_000);

  it('has no verdict on a folder without photographs', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'loose.jpg'), '');
    const { code, stdout, stderr } = await runCli([
      'dataset',
      'verify',
      bare,
      '--data',
      join(folder, 'empty'),
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/dataset-empty: there is no photograph to verify; not taken: 1 photograph/);
  });

  it('has the agent read a PIN, and prints what a configuration keeps of it', () => {
    const { status, stdout } = spawnSync(process.execPath, [cliProgram, 'agent', 'pin'], {
      ...{ input: '123456\n', encoding: 'utf8' },
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^scrypt\$\d+\$\d+\$\d+\$\S+\$\S+\n$/);
  });

  it('has the agent take a picture, and passes on what is wrong with its configuration', async () => {
    const config = join(folder, 'no-station.json');
    const picture = join(folder, 'still.png');
    const { code, stderr } = await runCli(['agent', 'still', '--config', config, '--out', picture]);
    expect(code).toBe(1);
    expect(stderr).toContain(config);
  });

  it('prints features as JSON where JSON is asked for', async () => {
    const { code, stdout } = await runCli([
      ...['features', 'export', '--set', 'fruit', '--json', '--data', join(folder, 'empty')],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ set: expect.stringMatching(/^fruit@\d+$/), rows: [] });
  });

  it('refuses a folder with one class and says what is needed', async () => {
    const images = join(folder, 'one-class');
    mkdirSync(join(images, 'good'), { recursive: true });
    writeFileSync(join(images, 'good', 'a.jpg'), 'not an image');
    const { code, stderr } = await runCli([
      ...['dataset', 'import', images, '--name', 'x', '--data', join(folder, 'empty')],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error [a-z-]+: .*\n.+/);
  });
});
