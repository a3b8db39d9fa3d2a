import type { SiteChange, SiteDelivery, SiteDeliveryRequest } from '@pomona/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { SiteRules } from './site-rules.ts';

const quietHours = { from: '06:00', to: '18:00', zone: 'Europe/Zurich' };
const stationOf = (site: string, station: string) => ({ site, line: 'one', station });
const blob = `blobs/${'ab'.repeat(32)}`;

class MemorySites {
  readonly changes: (SiteChange & { readonly site: string })[] = [];

  async current(): Promise<ReadonlyMap<string, SiteDelivery>> {
    return new Map(this.changes.map(({ site, delivery }) => [site, delivery]));
  }

  async add(site: string, change: SiteChange): Promise<void> {
    this.changes.push({ site, ...change });
  }

  async log(site: string): Promise<SiteChange[]> {
    return this.changes.filter((change) => change.site === site).toReversed();
  }
}

let clock: ManualClock;
let store: MemorySites;
let caps: string[];
let rules: SiteRules;

beforeEach(() => {
  clock = new ManualClock(Date.parse('2026-01-15T04:59:00Z'));
  store = new MemorySites();
  caps = [];
  rules = build();
});

function build(): SiteRules {
  return new SiteRules({
    store,
    stations: {
      list: async () => [stationOf('hill', 'c'), stationOf('valley', 'a'), stationOf('valley', 'b')],
    },
    pace: { limit: (site, cap) => void caps.push(`${site} ${cap}`) },
    clock,
  });
}

const set = (change: Partial<SiteDeliveryRequest>, site = 'valley') =>
  rules.set(site, { kbitPerSMax: null, quietHours: null, reason: 'the lorries', ...change }, 'ada');

describe('SiteRules', () => {
  it('holds releases back in the quiet hours of a site, from their first to their last minute', async () => {
    await set({ quietHours });
    expect(rules.isHeld(stationOf('valley', 'a'), blob)).toBe(false);
    expect(rules.quietText('valley')).toBeNull();
    clock.ms += 60_000;
    expect(rules.isHeld(stationOf('valley', 'a'), blob)).toBe(true);
    expect(rules.isHeld(stationOf('hill', 'c'), blob)).toBe(false);
    expect(rules.isHeld(stationOf('valley', 'a'), 'metadata/timestamp.json')).toBe(false);
    expect(rules.holdSamplesS('valley')).toBe(12 * 3_600);
    expect(rules.quietText('valley')).toBe('waits for the quiet hours 06:00-18:00 Europe/Zurich to end');
    clock.ms += 12 * 3_600_000 - 1;
    expect(rules.holdSamplesS('valley')).toBe(1);
    clock.ms += 1;
    expect(rules.isHeld(stationOf('valley', 'a'), blob)).toBe(false);
    expect(rules.holdSamplesS('valley')).toBeUndefined();
  });

  it('holds samples of a site back until those that came are within its cap', async () => {
    await set({ kbitPerSMax: 64 });
    rules.tookSample('valley', 1_900);
    expect(rules.holdSamplesS('valley')).toBeUndefined();
    rules.tookSample('valley', 20_000);
    // 21,900 bytes less the burst of 2,000, at 8,000 a second.
    expect(rules.holdSamplesS('valley')).toBe(3);
    expect(rules.holdSamplesS('hill')).toBeUndefined();
    clock.ms += 2_500;
    expect(rules.holdSamplesS('valley')).toBeUndefined();
    rules.tookSample('valley', 1e9);
    expect(rules.holdSamplesS('valley')).toBe(90_000);
    await set({ kbitPerSMax: null });
    expect(rules.holdSamplesS('valley')).toBeUndefined();
  });

  it('lets a station of a rollout fetch all the same that a person hurried, and no other', async () => {
    clock.ms += 3_600_000;
    await set({ quietHours });
    rules.exempt((station) => station === 'a');
    expect(rules.isHeld(stationOf('valley', 'a'), blob)).toBe(false);
    expect(rules.isHeld(stationOf('valley', 'b'), blob)).toBe(true);
    expect(rules.holdSamplesS('valley')).toBeGreaterThan(0);
  });

  it('takes a change at once, logs who and why, and knows it again after a restart', async () => {
    clock.ms += 3_600_000;
    await set({ quietHours, kbitPerSMax: 512 });
    expect((await set({ kbitPerSMax: 256, reason: 'a new line' })).quietUntil).toBeNull();
    expect(rules.isHeld(stationOf('valley', 'a'), blob)).toBe(false);
    expect(caps).toEqual(['valley 512', 'valley 256']);
    expect(await rules.log('valley')).toMatchObject([
      { actor: 'ada', reason: 'a new line', delivery: { kbitPerSMax: 256, quietHours: null } },
      { actor: 'ada', reason: 'the lorries', delivery: { kbitPerSMax: 512, quietHours } },
    ]);
    rules = build();
    await rules.load();
    expect(caps.at(-1)).toBe('valley 256');
    expect(await rules.list()).toMatchObject([
      { site: 'hill', stations: 1, delivery: { kbitPerSMax: null } },
      { site: 'valley', stations: 2, delivery: { kbitPerSMax: 256 } },
    ]);
  });

  it('notices when the clock of this machine was set back', async () => {
    await set({ quietHours });
    clock.ms += 3_600_000;
    expect(rules.quietUntilMs('valley')).toBeDefined();
    clock.ms -= 7_200_000;
    expect(rules.quietUntilMs('valley')).toBeUndefined();
  });

  it('refuses what cannot be, and keeps what was', async () => {
    await expect(set({}, 'valey')).rejects.toMatchObject({ code: 'site-unknown' });
    await expect(set({ quietHours: { ...quietHours, zone: 'Zurich' } })).rejects.toMatchObject({
      code: 'quiet-hours-invalid',
    });
    expect(store.changes).toEqual([]);
    expect(caps).toEqual([]);
  });
});
