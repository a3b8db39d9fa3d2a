import { expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { channelNames, channelRow, topicOf } from './channels.ts';

interface Document {
  readonly channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  readonly operations: Record<string, { action: string; channel: { $ref: string }; bindings: unknown }>;
  readonly components: { readonly messages: Record<string, { payload: unknown }> };
}

const document = JSON.parse(JSON.stringify(asyncApiDocument('1.2.3'))) as Document;

function resolve(pointer: string): unknown {
  const path = pointer.slice(2).split('/');
  const tokens = path.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.reduce<unknown>((value, token) => (value as Record<string, unknown>)[token], document);
}

it('has every channel of the table with its address, schema, direction, QoS and retain, and nothing else', () => {
  expect(Object.keys(document.channels)).toEqual(channelNames);
  const operations = Object.values(document.operations);
  expect(operations).toHaveLength(channelNames.length);
  for (const name of channelNames) {
    const { address, messages } = document.channels[name]!;
    const { direction, qos, retain, schema } = channelRow(name);
    const place = { site: 'a', line: 'b', station: 'c' };
    expect(address.replace(/\{(\w+)\}/g, (_, level: keyof typeof place) => place[level])).toBe(
      topicOf(place, name),
    );
    const [reference] = Object.values(messages);
    const message = resolve(reference!.$ref) as { payload: unknown };
    const payload = schema
      ? (JSON.parse(JSON.stringify(schema)) as unknown)
      : { type: 'string', format: 'binary' };
    expect(message.payload).toEqual(payload);
    const operation = operations.find(({ channel }) => resolve(channel.$ref) === document.channels[name]);
    expect(operation).toMatchObject({
      action: direction === 'up' ? 'receive' : 'send',
      bindings: { mqtt: { qos, retain } },
    });
  }
});
