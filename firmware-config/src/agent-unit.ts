import { agentEnvironment, agentNodeFlags } from './agent-flags.ts';
import type { BoardProfile } from './board-profiles.ts';

export const programFolder = '/opt/pomona';
export const configFolder = '/etc/pomona';

/**
 * The agent as a systemd service that may reach its data, its camera and the network, and nothing else (systemd.exec(5),
 * systemd.resource-control(5)). `MemoryDenyWriteExecute` is not there: V8 writes code and runs it.
 */
export function agentUnit(profile: BoardProfile): string {
  const lines = [
    '[Unit]',
    'Description=Pomona: grades the fruit of one camera',
    '# Not network-online: a line grades without a network.',
    'After=network.target',
    '# It is tried for ever: nobody comes at night to start it.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    '# The word is given by systemd-notify, a child of the agent.',
    'NotifyAccess=all',
    'WatchdogSec=30',
    '# READY comes after the enrolment, and that waits for the network.',
    'TimeoutStartSec=infinity',
    'TimeoutStopSec=10',
    'Restart=always',
    'RestartSec=2',
    'User=pomona',
    'Group=pomona',
    'SupplementaryGroups=video',
    `Environment=NODE_ENV=production UV_THREADPOOL_SIZE=${profile.threads}`,
    ...Object.entries(agentEnvironment).map(([name, value]) => `Environment=${name}=${value}`),
    '# GStreamer keeps its list of plugins there, and looks for all of them at every start where it cannot.',
    `Environment=XDG_CACHE_HOME=${profile.dataDir}/cache`,
    `WorkingDirectory=${profile.dataDir}`,
    `ExecStart=${programFolder}/bin/node ${agentNodeFlags.join(' ')} ${programFolder}/dist/main.js run --config ${configFolder}/station.json --json-logs`,
    '',
    'StateDirectory=pomona',
    'StateDirectoryMode=0700',
    `ReadWritePaths=${profile.dataDir}`,
    'ProtectSystem=strict',
    'ProtectHome=yes',
    `PrivateTmp=${profile.privateTmp ? 'yes' : 'no'}`,
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'DevicePolicy=closed',
    ...profile.devices.map((device) => `DeviceAllow=${device}`),
    'UMask=0077',
    `MemoryMax=${profile.memoryMaxMb}M`,
    // A model that is tried in a process of its own may be ended for want of memory; the line goes on.
    'OOMPolicy=continue',
    'CPUWeight=1000',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return `${lines.join('\n')}\n`;
}
