import type { AlertView, Clock, LiveEvent, Overview, StationView, StoredFruit } from '@pomona/wire';
import { type QueryClient, type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react';
import type { LiveFeed, LiveState } from '../adapters/live-feed.ts';
import { foldAlerts, foldFruits, foldOverview, foldStation } from '../domain/fold-events.ts';
import { alertsQuery, overviewQuery } from './queries.ts';

interface Live {
  readonly feed: LiveFeed;
  readonly clock: Clock;
}

const LiveContext = createContext<Live | undefined>(undefined);

/**
 * Folded figures are checked against the control plane's own this often. It is not a query's `refetchInterval`: that
 * one starts anew with every event that is folded in, and would never come to its end on a busy line.
 */
const checkMs = 15_000;

export function LiveProvider({ feed, clock, children }: Live & { readonly children: ReactNode }) {
  const client = useQueryClient();
  useEffect(() => {
    feed.start();
    const check = setInterval(() => {
      if (!document.hidden) void client.invalidateQueries();
    }, checkMs);
    return () => {
      clearInterval(check);
      feed.stop();
    };
  }, [feed, client]);
  return <LiveContext value={{ feed, clock }}>{children}</LiveContext>;
}

/** Puts events into every cached answer that they touch. */
export function foldIntoCache(client: QueryClient, events: readonly LiveEvent[]): void {
  const fold = <T,>(queryKey: QueryKey, step: (kept: T) => T) => {
    // The entry keeps the time at which it was fetched: `useServerNow` reckons with it.
    const updatedAt = client.getQueryState(queryKey)?.dataUpdatedAt;
    if (updatedAt) client.setQueryData<T>(queryKey, (kept) => kept && step(kept), { updatedAt });
  };
  fold<Overview>(overviewQuery.queryKey, (overview) => foldOverview(overview, events));
  fold<AlertView[]>(alertsQuery.queryKey, (alerts) => foldAlerts(alerts, events));
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['station'] })) {
    fold<StationView>(queryKey, (view) => foldStation(view, events));
  }
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['fruits'] })) {
    const station = typeof queryKey[1] === 'string' ? queryKey[1] : undefined;
    fold<readonly StoredFruit[]>(queryKey, (kept) => foldFruits(kept, events, station));
  }
}

export interface LiveStatus extends LiveState {
  readonly retry: () => void;
}

export function useLive(): LiveStatus {
  const { feed } = useLiveContext();
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  return { ...state, retry: feed.retry };
}

/**
 * The control plane's time, milliseconds since 1970, moving once a second: instants of its answers are told against
 * its own clock, because the reader's may be wrong.
 */
export function useServerNow(): number {
  const { clock } = useLiveContext();
  const { data, dataUpdatedAt } = useQuery({ ...overviewQuery, select: (overview) => overview.at });
  const [nowMs, setNowMs] = useState(() => clock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(clock.nowMs()), 1_000);
    return () => clearInterval(timer);
  }, [clock]);
  return data === undefined ? nowMs : nowMs + Date.parse(data) - dataUpdatedAt;
}

function useLiveContext(): Live {
  const live = use(LiveContext);
  if (live === undefined) throw new Error('used outside of LiveProvider');
  return live;
}
