import { type ChannelName, decode } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { emptyUpdateState, reportedOf } from '../domain/update-state.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { StateReporter } from './report-state.ts';

function build() {
  const time = new VirtualTime();
  const sent: number[] = [];
  const link = {
    up: true,
    takes: true,
    isUp: () => link.up,
    send: (_: ChannelName, bytes: Buffer) => {
      if (!link.takes) return false;
      const reported = decode('reported', bytes);
      if (!reported.ok) throw new Error(reported.detail);
      sent.push(time.monotonicMs());
      return true;
    },
  };
  let seq = 0;
  const reporter = new StateReporter({
    link,
    scheduler: time,
    boot: sampleBoot,
    nextSeq: () => seq++,
    reported: () => reportedOf(emptyUpdateState),
  });
  return { time, sent, link, reporter };
}

describe('StateReporter', () => {
  it('tells a change at once, and progress at most once a second', async () => {
    const { time, sent, reporter } = build();
    reporter.changed(false);
    for (let i = 0; i < 50; i++) {
      reporter.changed(true);
      await time.advance(50);
    }
    expect(sent).toEqual([0, 1_000, 2_000]);
  });

  it('tells the last progress along with a change', async () => {
    const { time, sent, reporter } = build();
    reporter.changed(true);
    reporter.changed(false);
    await time.advance(5_000);
    expect(sent).toEqual([0]);
  });

  it('tries again when the link is busy, and waits while it is down', async () => {
    const { time, sent, link, reporter } = build();
    link.takes = false;
    reporter.changed(false);
    await time.advance(900);
    link.takes = true;
    await time.advance(200);
    expect(sent).toEqual([1_000]);
    link.up = false;
    reporter.changed(false);
    await time.advance(60_000);
    expect(sent).toHaveLength(1);
    link.up = true;
    reporter.now();
    expect(sent).toHaveLength(2);
  });
});
