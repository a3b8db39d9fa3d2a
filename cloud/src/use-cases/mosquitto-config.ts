/**
 * What Mosquitto needs to be Pomona's broker, from the table of channels: two listeners, because a `pattern` rule holds
 * for every user of its list. On the first a client is whoever its certificate says; on the second readers come with a
 * password, and can never be taken for a station of the same name.
 */
import { type AccessRules, accessRulesOf, type ChannelName, channelNames, channelRow } from '@pomona/wire';
import { controlPlaneName } from './control-plane-name.ts';

export interface MosquittoPlan {
  /** Where the files will lie on the broker's machine. */
  readonly folder: string;
  readonly port: number;
  readonly readerPort: number;
  readonly readers: readonly { readonly user: string; readonly channels: readonly ChannelName[] }[];
}

/** Texts by file name; certificates and passwords are not among them. */
export function mosquittoFiles({ folder, port, readerPort, readers }: MosquittoPlan): Record<string, string> {
  const tls = (listen: number) => [
    `listener ${listen}`,
    `cafile ${folder}/ca.crt`,
    `certfile ${folder}/server.crt`,
    `keyfile ${folder}/server.key`,
    'tls_version tlsv1.2',
    'allow_anonymous false',
  ];
  const configuration = [
    'per_listener_settings true',
    'persistence true',
    `persistence_location ${folder}/`,
    'set_tcp_nodelay true',
    'max_queued_messages 10000',
    `message_size_limit ${Math.max(...channelNames.map((name) => channelRow(name).maxBytes))}`,
    '',
    '# Stations and the control plane: the name in the certificate is the user.',
    ...tls(port),
    'require_certificate true',
    'use_identity_as_username true',
    `acl_file ${folder}/devices.acl`,
    '',
    '# Readers, with a password.',
    ...tls(readerPort),
    `password_file ${folder}/readers.passwd`,
    `acl_file ${folder}/readers.acl`,
  ];
  const devices = [
    ...lines('pattern', accessRulesOf({ kind: 'station', station: '%u' })),
    '',
    `user ${controlPlaneName}`,
    ...lines('topic', accessRulesOf({ kind: 'control-plane' })),
  ];
  const readable = readers.flatMap(({ user, channels }) => [
    `user ${user}`,
    ...lines('topic', accessRulesOf({ kind: 'reader', channels })),
    '',
  ]);
  return {
    'mosquitto.conf': text(configuration),
    'devices.acl': text(devices),
    'readers.acl': text(readable),
  };
}

function lines(kind: 'pattern' | 'topic', { publish, subscribe }: AccessRules): string[] {
  return [
    ...publish.map((filter) => `${kind} write ${filter}`),
    ...subscribe.map((filter) => `${kind} read ${filter}`),
  ];
}

function text(all: readonly string[]): string {
  return `${all.join('\n').trim()}\n`;
}
