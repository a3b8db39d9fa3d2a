import type { ChannelName } from '@pomona/wire';

/** The connection to the broker as the rest of the agent sees it. */
export interface Link {
  isUp(): boolean;
  /** False when it was not taken: the link is down, or too much is under way. Says nothing about arrival. */
  send(channel: ChannelName, bytes: Buffer): boolean;
}
