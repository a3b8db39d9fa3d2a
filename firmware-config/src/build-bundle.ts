/** Everything that turns a fresh system image into a station, as files; `pomona firmware build` writes them. */
import { AppError, type Claim, type StationAddress } from '@pomona/wire';
import { agentUnit, configFolder, programFolder } from './agent-unit.ts';
import { type BoardName, type BoardProfile, boardProfiles } from './board-profiles.ts';
import type { CameraConfig, CameraDraft } from './camera-config.ts';
import { cameraProgram } from './camera-program.ts';
import { checkStationConfig } from './load-station-config.ts';
import type { OperatorPageConfig } from './station-config.ts';

export interface BundleRequest {
  readonly board: BoardName;
  readonly address: StationAddress;
  readonly claim: Claim;
  /** Instead of the profile's. */
  readonly camera?: CameraDraft;
  /** Without it nothing listens. */
  readonly operatorPage?: Partial<OperatorPageConfig>;
  /** One line of an OpenSSH public key; without it nobody can log in. */
  readonly sshKey?: string;
  /** As in /usr/share/zoneinfo. Default UTC. */
  readonly timezone?: string;
  readonly nowMs: number;
}

export interface BundleFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** Where on the seed medium the agent's archive lies, see docs/installing.md. */
const archiveName = 'pomona-agent.tar.gz';
const publicKey =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]{40,1000}={0,2}( [\w.@ +-]{1,200})?$/;

/**
 * Throws `bundle-invalid` when the claim is for another station, has expired or leads to the board itself, or a key or zone is none; `config-invalid`
 * when the station's configuration would not be taken by the agent. Files that hold the claim or the hash of a PIN are for their owner alone.
 */
export function buildBundle(request: BundleRequest): BundleFile[] {
  check(request);
  const profile: BoardProfile = boardProfiles[request.board];
  const { site, line, station } = request.address;
  const config = {
    v: 1,
    site,
    line,
    station,
    dataDir: profile.dataDir,
    claim: `${configFolder}/claim.json`,
    camera: request.camera ?? profile.camera,
    board: profile.title,
    ...(request.operatorPage && { operatorPage: request.operatorPage }),
  };
  const { camera } = checkStationConfig(config, 'station.json');
  const own: OwnFiles = {
    config: json(config),
    claim: json(request.claim),
    unit: agentUnit(profile),
    camera,
  };
  return [
    secret('user-data', `#cloud-config\n${json(userData(request, profile, own))}`),
    open(
      'meta-data',
      json({ 'instance-id': `pomona-${site}-${line}-${station}`, 'local-hostname': station }),
    ),
    open('network-config', json(networkConfig)),
    ...profile.bootFragments.map(({ file, lines }) => open(`boot/${file}`, `${lines.join('\n')}\n`)),
    open('pomona-agent.service', own.unit),
    hasPin(request) ? secret('station.json', own.config) : open('station.json', own.config),
    secret('claim.json', own.claim),
  ];
}

interface OwnFiles {
  readonly config: string;
  readonly claim: string;
  readonly unit: string;
  readonly camera: CameraConfig;
}

/** cloud-init's document; JSON is YAML (YAML 1.2, section 1.3), so nothing needs to be quoted by us. */
function userData(request: BundleRequest, profile: BoardProfile, own: OwnFiles) {
  const { address, sshKey, timezone = 'UTC' } = request;
  const configMode = hasPin(request) ? '0640' : '0644';
  const mount =
    profile.seedLabel === null
      ? []
      : [
          ['mkdir', '-p', profile.seedFolder],
          ['mount', '-o', 'ro', `LABEL=${profile.seedLabel}`, profile.seedFolder],
        ];
  return {
    hostname: address.station,
    timezone,
    ssh_pwauth: false,
    users: [
      // Its own home: without a password and a shell nobody becomes it.
      { name: 'pomona', system: true, shell: '/usr/sbin/nologin', groups: ['video'], lock_passwd: true },
      ...(sshKey === undefined
        ? []
        : [
            {
              name: 'packhouse',
              groups: ['sudo'],
              shell: '/bin/bash',
              lock_passwd: true,
              sudo: 'ALL=(ALL) NOPASSWD:ALL',
              ssh_authorized_keys: [sshKey],
            },
          ]),
    ],
    write_files: [
      file(`${configFolder}/station.json`, own.config, configMode, 'root:pomona'),
      file(`${configFolder}/claim.json`, own.claim, '0600', 'pomona:pomona'),
      file('/etc/systemd/system/pomona-agent.service', own.unit, '0644', 'root:root'),
      file('/etc/systemd/system.conf.d/pomona.conf', systemConf(profile), '0644', 'root:root'),
      file('/etc/systemd/journald.conf.d/pomona.conf', journalConf, '0644', 'root:root'),
    ],
    runcmd: [
      ...mount,
      ['mkdir', '-p', programFolder],
      ['tar', '--no-same-owner', '-xzf', `${profile.seedFolder}/${archiveName}`, '-C', programFolder],
      ...cameraPackages(own.camera),
      ['systemctl', 'daemon-reexec'],
      // Boards' systems keep the journal in memory unless told: that of the first start is wanted after a restart too (journald.conf(5), Storage=).
      ['systemctl', 'restart', 'systemd-journald.service'],
      ['journalctl', '--flush'],
      ['systemctl', 'enable', 'pomona-agent.service'],
      // A service that waits for its enrolment must not hold up the end of the setting up.
      ['systemctl', 'start', '--no-block', 'pomona-agent.service'],
    ],
  };
}

/** Who can read its hash and has a night finds a PIN. */
function hasPin({ operatorPage }: BundleRequest): boolean {
  return operatorPage?.pinHash !== undefined;
}

/** Not cloud-init's `packages`: those ask the network also when nothing is missing, and a packhouse may have none. */
function cameraPackages(camera: CameraConfig): string[][] {
  const { packages, isThere } = cameraProgram(camera);
  if (packages.length === 0) return [];
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  return [
    [
      'sh',
      '-c',
      `{ ${isThere}; } >/dev/null 2>&1 || { apt-get update && DEBIAN_FRONTEND=noninteractive ${install}; }`,
    ],
  ];
}

/** Deferred: the owner is made before. */
function file(path: string, content: string, permissions: string, owner: string) {
  return { path, content, permissions, owner, defer: true };
}

/** The board itself is started again when systemd hangs. */
function systemConf({ watchdogDevice }: BoardProfile): string {
  return `[Manager]\nRuntimeWatchdogSec=15\nWatchdogDevice=${watchdogDevice}\n`;
}

/** An SD card wears out and is small. */
const journalConf = '[Journal]\nStorage=persistent\nSystemMaxUse=100M\n';

/** Any wired port or USB modem by DHCP; starting up waits for none of them. */
const networkConfig = {
  version: 2,
  ethernets: Object.fromEntries(
    ['en*', 'eth*', 'usb*', 'wwan*'].map((name) => [
      `pomona-${name.slice(0, -1)}`,
      { match: { name }, dhcp4: true, optional: true },
    ]),
  ),
};

function check({ address, claim, sshKey, timezone, nowMs }: BundleRequest): void {
  const place = (at: StationAddress): string => `${at.site}/${at.line}/${at.station}`;
  if (place(claim) !== place(address)) {
    throw invalid(
      `the claim is for ${place(claim)}, not for ${place(address)}`,
      'Make one with `pomona station enrol`.',
    );
  }
  if (Date.parse(claim.expiresAt) <= nowMs) {
    throw invalid(`the claim expired at ${claim.expiresAt}`, 'Make another with `pomona station enrol`.');
  }
  const { hostname } = new URL(claim.url);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) {
    throw invalid(
      `the claim leads to ${hostname}, which on the board is the board itself`,
      'Start the control plane with `--device-host 0.0.0.0 --public-host NAME`, a name that boards can reach, and make another claim.',
    );
  }
  if (sshKey !== undefined && !publicKey.test(sshKey)) {
    throw invalid(
      'the SSH key is no public key of one line',
      'Give the .pub file, as `ssh-keygen -t ed25519` writes it.',
    );
  }
  if (timezone !== undefined && !isTimezone(timezone)) {
    throw invalid(`${JSON.stringify(timezone)} is no time zone`, 'Name it like Europe/Rome.');
  }
}

/** Aliases too (UTC, Europe/Kiev): the list of `Intl.supportedValuesOf` leaves them out. */
function isTimezone(name: string): boolean {
  // Intl takes offsets (+01:00) as well; no board has a file of that name.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function invalid(message: string, hint: string): AppError {
  return new AppError('bundle-invalid', message, { hint });
}

function open(path: string, content: string): BundleFile {
  return { path, mode: 0o644, content };
}

function secret(path: string, content: string): BundleFile {
  return { path, mode: 0o600, content };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
