import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compile } from '@pomona/schema';
import type { Claim } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { boardNames } from './board-profiles.ts';
import { type BundleRequest, buildBundle } from './build-bundle.ts';
import { checkStationConfig } from './load-station-config.ts';
import { hashPin } from './pin.ts';
import { stationFileSchema } from './station-file-schema.ts';

const address = { site: 'valley', line: 'line-1', station: 'valley-1-a' };
const claim: Claim = {
  v: 1,
  ...address,
  url: 'https://10.0.0.2:8443',
  caSha256: 'a'.repeat(64),
  token: 'secret-'.repeat(5),
  expiresAt: '2026-02-01T00:00:00.000Z',
};
const sshKey = `ssh-ed25519 ${'A'.repeat(68)} engineer@packhouse`;
const request: BundleRequest = {
  board: 'pi5',
  address,
  claim,
  sshKey,
  timezone: 'Europe/Rome',
  nowMs: Date.parse('2026-01-31T00:00:00.000Z'),
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle's files by path. */
function bundle(change: Partial<BundleRequest> = {}) {
  return new Map(buildBundle({ ...request, ...change }).map((file) => [file.path, file]));
}

function userDataOf(files: ReturnType<typeof bundle>) {
  return JSON.parse(files.get('user-data')!.content.replace(/^#cloud-config\n/, ''));
}

/** What a program says that judges our files; skips aloud where it is not installed. */
function ask(context: TestContext, program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
    if (code !== 'ENOENT') throw new Error(`${program} refuses it:\n${stdout}\n${stderr}`);
    if (process.env.POMONA_REQUIRE_ALL === '1') throw error;
    return context.skip(`${program} is not installed`);
  }
}

describe('buildBundle', () => {
  it.each(boardNames)(
    '%s: writes the same service, configuration and claim beside and into user-data',
    (board) => {
      const files = bundle({ board });
      const written = new Map<string, { content: string; permissions: string; owner: string }>(
        userDataOf(files).write_files.map((file: { path: string }) => [file.path, file]),
      );
      expect(written.get('/etc/systemd/system/pomona-agent.service')!.content).toBe(
        files.get('pomona-agent.service')!.content,
      );
      const config = JSON.parse(written.get('/etc/pomona/station.json')!.content);
      expect(checkStationConfig(config, 'station.json')).toMatchObject({
        ...address,
        dataDir: '/var/lib/pomona',
      });
      expect(written.get('/etc/pomona/claim.json')).toMatchObject({
        permissions: '0600',
        owner: 'pomona:pomona',
      });
      expect(JSON.parse(files.get('claim.json')!.content)).toEqual(claim);
    },
  );

  it('keeps every file with the claim’s token for its owner alone', () => {
    const open = [...bundle().values()].filter(
      ({ content, mode }) => content.includes(claim.token) && mode !== 0o600,
    );
    expect(open).toEqual([]);
    expect([...bundle().values()].filter(({ content }) => content.includes(claim.token)).length).toBe(2);
  });

  it('opens the page at the line only where it is asked for, and shows the hash of its PIN to nobody', async () => {
    const configOf = (files: ReturnType<typeof bundle>) =>
      checkStationConfig(JSON.parse(files.get('station.json')!.content), 'station.json');
    const modeOnBoard = (files: ReturnType<typeof bundle>) =>
      userDataOf(files).write_files.find(({ path }: { path: string }) => path === '/etc/pomona/station.json');
    const without = bundle();
    expect(configOf(without).operatorPage).toBeUndefined();
    expect(modeOnBoard(without)).toMatchObject({ permissions: '0644' });

    const open = bundle({ operatorPage: { host: '0.0.0.0', port: 9_000 } });
    expect(configOf(open).operatorPage).toEqual({ host: '0.0.0.0', port: 9_000, watching: 'open' });
    expect(open.get('station.json')!.mode).toBe(0o644);

    const pinHash = await hashPin('482913');
    const locked = bundle({ operatorPage: { host: '0.0.0.0', pinHash, watching: 'pin' } });
    expect(configOf(locked).operatorPage).toEqual({ host: '0.0.0.0', port: 8_095, pinHash, watching: 'pin' });
    expect(locked.get('station.json')!.mode).toBe(0o600);
    expect(modeOnBoard(locked)).toMatchObject({ permissions: '0640', owner: 'root:pomona' });

    expect(() => bundle({ operatorPage: { watching: 'pin' } })).toThrow('operatorPage.pinHash is missing');
  });

  it('lets nobody log in without a key, and never by password', () => {
    const users = (change: Partial<BundleRequest>) => userDataOf(bundle(change)).users;
    expect(users({})[1]).toMatchObject({ name: 'packhouse', ssh_authorized_keys: [sshKey] });
    const { sshKey: _, ...keyless } = request;
    expect(userDataOf(new Map(buildBundle(keyless).map((file) => [file.path, file]))).users).toHaveLength(1);
    expect(userDataOf(bundle()).ssh_pwauth).toBe(false);
  });

  it.each<[string, Partial<BundleRequest>, string]>([
    [
      'a claim for another station',
      { claim: { ...claim, station: 'valley-1-b' } },
      'the claim is for valley/line-1/valley-1-b',
    ],
    ['a claim that has just expired', { nowMs: Date.parse(claim.expiresAt) }, 'expired at'],
    [
      'a claim that leads to the board itself',
      { claim: { ...claim, url: 'https://127.0.0.1:8443' } },
      'the claim leads to 127.0.0.1',
    ],
    ['a private key', { sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' }, 'no public key'],
    ['two lines', { sshKey: `${sshKey}\nruncmd: [evil]` }, 'no public key'],
    ['a zone that is none', { timezone: '../../etc/shadow' }, 'is no time zone'],
    ['a zone that is an offset', { timezone: '+01:00' }, 'is no time zone'],
  ])('refuses %s', (_, change, message) => {
    expect(() => bundle(change)).toThrow(
      expect.objectContaining({ code: 'bundle-invalid', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['pi4', 'command -v rpicam-vid', 'rpicam-apps-lite', { kind: 'rpicam', rowAlignBytes: 64 }],
    ['pi5', 'command -v rpicam-vid', 'rpicam-apps-lite', { kind: 'rpicam', rowAlignBytes: 128 }],
    [
      'orin-nano',
      'gst-inspect-1.0 --exists nvarguscamerasrc',
      'gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good nvidia-l4t-gstreamer',
      { kind: 'gstreamer', source: 'nvarguscamerasrc' },
    ],
  ] as const)(
    '%s: uses the board’s camera, and installs its program where it is missing',
    (board, isThere, packages, camera) => {
      const files = bundle({ board });
      expect(JSON.parse(files.get('station.json')!.content).camera).toMatchObject(camera);
      const commands = userDataOf(files).runcmd.map((words: string[]) => words.join(' ')) as string[];
      const install = commands.findIndex((command) =>
        command.endsWith(`--no-install-recommends ${packages}; }`),
      );
      expect(commands[install]).toContain(isThere);
      expect(install).toBeLessThan(commands.findIndex((command) => command.startsWith('systemctl start')));
    },
  );

  it('installs nothing when the engineer brings a program', () => {
    const camera = { kind: 'command' as const, command: ['/opt/line/camera'] };
    expect(bundle({ camera }).get('user-data')!.content).not.toContain('apt-get');
  });

  it('keeps the log of the first start on the disk, before the agent says its first word', () => {
    const commands = userDataOf(bundle()).runcmd.map((words: string[]) => words.join(' ')) as string[];
    const order = ['systemctl restart systemd-journald.service', 'journalctl --flush'];
    const at = [...order, 'systemctl start --no-block pomona-agent.service'].map((command) =>
      commands.indexOf(command),
    );
    expect(at[0]).toBeGreaterThan(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  it('lets the service open the devices of the board’s camera', () => {
    for (const board of boardNames) {
      const unit = bundle({ board }).get('pomona-agent.service')!.content;
      expect(unit).toContain('DeviceAllow=char-video4linux rw');
      expect(unit).toContain('DeviceAllow=char-media rw');
    }
    // rpicam's frames lie in memory of this heap.
    expect(bundle({ board: 'pi5' }).get('pomona-agent.service')!.content).toContain(
      'DeviceAllow=char-dma_heap rw',
    );
  });

  it('lets the service ask a Raspberry Pi’s firmware whether the board slows itself down', () => {
    const isAllowed = (board: BundleRequest['board']) =>
      /^DeviceAllow=\/dev\/vcio r$/m.test(bundle({ board }).get('pomona-agent.service')!.content);
    expect(boardNames.filter(isAllowed)).toEqual(['pi4', 'pi5']);
  });

  it.each(['UTC', 'Europe/Kiev', 'Asia/Calcutta', 'GMT', 'Etc/GMT+3', 'US/Pacific'])(
    'takes the zone %s by that name',
    (timezone) => {
      expect(userDataOf(bundle({ timezone })).timezone).toBe(timezone);
    },
  );

  it('refuses a configuration that the agent would refuse', () => {
    const camera = { kind: 'command' as const, command: [] as string[] };
    expect(() => bundle({ camera })).toThrow(/camera\.command must not have fewer than 1 items/);
  });

  it.for(boardNames)('%s: cloud-init takes user-data', (board, context) => {
    const file = join(folder, `user-data-${board}`);
    writeFileSync(file, bundle({ board }).get('user-data')!.content);
    expect(ask(context, 'cloud-init', ['schema', '--config-file', file])).toContain('Valid');
  });

  it.for(boardNames)('%s: systemd takes the service', (board, context) => {
    const file = join(folder, 'pomona-agent.service');
    const unit = bundle({ board }).get('pomona-agent.service')!.content;
    // The program is on boards only; that it exists is all that is checked of it.
    writeFileSync(file, unit.replace('/opt/pomona/bin/node', process.execPath));
    expect(ask(context, 'systemd-analyze', ['verify', '--man=no', file])).toBe('');
  });

  it('is judged by systemd to be well closed off', (context) => {
    const file = join(folder, 'pomona-agent.service');
    writeFileSync(file, bundle().get('pomona-agent.service')!.content);
    const said = ask(context, 'systemd-analyze', ['security', '--offline=yes', '--no-pager', file]);
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1])).toBeLessThan(2.5);
  });
});

describe('stationFileSchema', () => {
  const least = { v: 1, ...address, dataDir: 'data', camera: { kind: 'command', command: ['camera'] } };

  it('asks for what has no default, as the agent does', () => {
    const schema = Compile(stationFileSchema());
    expect(schema.Check(least)).toBe(true);
    expect(schema.Check({ ...least, geometry: { lanes: 1 }, sampling: { random: { share: 0.1 } } })).toBe(
      true,
    );
    expect(schema.Check({ ...least, dataDir: undefined })).toBe(false);
    expect(schema.Check({ ...least, camera: { kind: 'rpicam' } })).toBe(true);
    expect(schema.Check({ ...least, camera: { kind: 'replay' } })).toBe(false);
    expect(schema.Check({ ...least, camera: { kind: 'rpicam', command: ['x'] } })).toBe(false);
    expect(schema.Check({ ...least, gate: { kind: 'log' } })).toBe(true);
    expect(schema.Check({ ...least, gate: { kind: 'mqtt', outputs: [{ gate: 1 }] } })).toBe(true);
    expect(schema.Check({ ...least, gate: { kind: 'mqtt' } })).toBe(false);
    expect(schema.Check({ ...least, logLevell: 'info' })).toBe(false);
  });
});
