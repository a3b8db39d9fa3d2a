import {
  accessRulesOf,
  channelRow,
  filterCovers,
  type ParsedTopic,
  type Principal,
  parseTopic,
  type StationAddress,
} from '@pomona/wire';

/** What one connection may do. */
export interface Access {
  /** The parsed topic when it may be published to. */
  mayPublish(topic: string): ParsedTopic | undefined;
  maySubscribe(filter: string): boolean;
}

/**
 * The rules come from the channel table. They leave a station's site and line open, because a broker elsewhere knows
 * only the certificate's name; here the station is known, so it has to use its own.
 */
export function accessOf(principal: Principal, address?: StationAddress): Access {
  const rules = accessRulesOf(principal);
  const isOwn = (at: StationAddress) =>
    address === undefined || (at.site === address.site && at.line === address.line);
  return {
    mayPublish(topic) {
      const parsed = parseTopic(topic);
      if (!parsed || !isOwn(parsed.address)) return undefined;
      return rules.publish.some((rule) => filterCovers(rule, topic)) ? parsed : undefined;
    },
    maySubscribe: (filter) => rules.subscribe.some((rule) => filterCovers(rule, filter)),
  };
}

/** Only what the table says is retained: a broker keeps the last retained message of a topic for ever. */
export function mayRetain({ channel }: ParsedTopic): boolean {
  return channelRow(channel).retain;
}
