import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accessRulesOf,
  channelNames,
  channels,
  filterCovers,
  filterOf,
  parseTopic,
  readableChannels,
  topicOf,
} from './channels.ts';

const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);
const address = fc.record({ site: slug, line: slug, station: slug });
const channel = fc.constantFrom(...channelNames);

describe('topics', () => {
  it('parses what it builds', () => {
    fc.assert(
      fc.property(address, channel, (where, name) => {
        expect(parseTopic(topicOf(where, name))).toEqual({ address: where, channel: name });
      }),
    );
  });

  it('matches a topic by the filter of its own channel and of no other', () => {
    fc.assert(
      fc.property(address, channel, channel, (where, name, other) => {
        expect(filterCovers(filterOf(other), topicOf(where, name))).toBe(other === name);
      }),
    );
  });

  it.each([
    '',
    'pomona',
    'pomona/v1/a/b/c',
    'pomona/v1/a/b/c/unknown',
    'pomona/v2/a/b/c/grades',
    'pomona/v1/A/b/c/grades',
    'pomona/v1/a/b/../grades',
    'pomona/v1/a/b/c/grades/more',
    'pomona/v1/a//c/grades',
    'pomona/v1/a/b/c/constructor',
  ])('refuses %j', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});

describe('filterCovers', () => {
  it.each([
    ['a/+/c', 'a/b/c', true],
    ['a/+/c', 'a/+/c', true],
    ['a/b/c', 'a/+/c', false],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a/#', false],
    ['a/+/c', 'a/b', false],
    ['a/+', 'a/b/c', false],
    ['#', 'a/+/#', true],
  ])('%s over %s: %s', (outer, inner, expected) => {
    expect(filterCovers(outer, inner)).toBe(expected);
  });
});

describe('access rules', () => {
  it('lets a station publish up channels below its own id only', () => {
    fc.assert(
      fc.property(address, slug, channel, (where, other, name) => {
        const rules = accessRulesOf({ kind: 'station', station: other });
        const allowed = rules.publish.some((filter) => filterCovers(filter, topicOf(where, name)));
        expect(allowed).toBe(other === where.station && channels[name].direction === 'up');
      }),
    );
  });

  it('lets a reader publish nothing and read what it was granted', () => {
    const rules = accessRulesOf({ kind: 'reader', channels: ['grades'] });
    expect(rules.publish).toEqual([]);
    expect(rules.subscribe).toEqual(['pomona/v1/+/+/+/grades']);
  });

  it('lets nobody but the station read what is for it alone, whatever a reader was granted', () => {
    const { subscribe } = accessRulesOf({ kind: 'reader', channels: channelNames });
    expect(subscribe).toEqual(readableChannels.map((name) => filterOf(name)));
    const secret = channelNames.filter((name) => !readableChannels.includes(name));
    expect(secret).toEqual(['desired', 'transfer/chunk', 'ack']);
  });
});
