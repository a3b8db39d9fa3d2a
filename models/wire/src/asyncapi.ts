import { channelNames, channelRow, topicRoot } from './channels.ts';
import { slugPattern } from './ids.ts';

/** An AsyncAPI 3.0 document, as JSON. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly [field: string]: unknown;
}

const levels = {
  site: 'The packhouse',
  line: 'The sorting line in it',
  station: 'The camera position on that line; the common name of its certificate',
} as const;

/** The channel table as a document for integrators, seen from the control plane: it receives what stations send up. */
export function asyncApiDocument(version: string): AsyncApiDocument {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Pomona stations',
      version,
      description:
        'MQTT 3.1.1 over TLS. Readers connect with a user and a password and subscribe to the channels they were ' +
        'granted, one filter for each, with + for the levels that they leave open.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channelNames.map((name) => [name, channelOf(name)])),
    operations: Object.fromEntries(channelNames.map((name) => [operationOf(name), operation(name)])),
    components: {
      messages: Object.fromEntries(channelNames.map((name) => [messageOf(name), message(name)])),
    },
  };
}

type Name = (typeof channelNames)[number];

function channelOf(name: Name) {
  return {
    address: `${topicRoot}/{site}/{line}/{station}/${name}`,
    description: channelRow(name).summary,
    parameters: Object.fromEntries(
      Object.entries(levels).map(([level, description]) => [
        level,
        { description: `${description}; ${slugPattern}` },
      ]),
    ),
    messages: { [messageOf(name)]: { $ref: `#/components/messages/${messageOf(name)}` } },
  };
}

function operation(name: Name) {
  const { direction, qos, retain, maxBytes } = channelRow(name);
  return {
    action: direction === 'up' ? 'receive' : 'send',
    channel: { $ref: `#/channels/${pointerToken(name)}` },
    bindings: { mqtt: { qos, retain } },
    'x-max-bytes': maxBytes,
  };
}

function message(name: Name) {
  const { schema, summary } = channelRow(name);
  return schema
    ? { name, summary, contentType: 'application/json', payload: schema }
    : {
        name,
        summary,
        contentType: 'application/octet-stream',
        payload: { type: 'string', format: 'binary' },
      };
}

function messageOf(name: Name): string {
  return name.replace('/', '-');
}

function operationOf(name: Name): string {
  return `${channelRow(name).direction === 'up' ? 'receive' : 'send'}-${messageOf(name)}`;
}

/** RFC 6901, section 3. */
function pointerToken(name: Name): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
