import type { CertificateState, Health } from '@pomona/wire';
import { decode, encode } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { OutboxRecord } from '../domain/outbox.ts';
import { MemoryOutbox } from '../testing/memory-outbox.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { HealthReporter, type SystemFigures } from './report-health.ts';

function build(system: Partial<SystemFigures> = {}, certificate?: CertificateState) {
  const time = new VirtualTime();
  const outbox = new MemoryOutbox();
  const trouble: string[] = [];
  let seq = 0;
  const reporter = new HealthReporter({
    scheduler: time,
    system: {
      // A tenth of a core.
      cpuMs: () => time.monotonicMs() / 10,
      rssBytes: () => 123e6,
      temperatureC: async () => null,
      loadAverage: () => 1.5,
      throttled: async () => ({ now: [], sinceBoot: ['under-voltage'] }),
      diskFreeBytes: async () => 5e9,
      ...system,
    },
    outbox,
    writer: { nextSeq: () => seq++, append: (record: OutboxRecord) => outbox.append(record) },
    boot: sampleBoot,
    intervalS: 10,
    rejectedMessages: () => 3,
    certificate: () => certificate,
    onRecorded: () => undefined,
    onTrouble: (_, message) => trouble.push(message),
  });
  const records = (): Health[] => outbox.read(0, 100).map(({ value }) => value as Health);
  return { time, reporter, records, trouble };
}

describe('HealthReporter', () => {
  const recent = {
    release: 'a'.repeat(64),
    fruits: 30,
    missedDeadlines: 2,
    timeUsed: { p50: 0.02, p95: 0.1 },
  };

  it('tells of the certificate, where there is one', async () => {
    const certificate = { endsAt: '2027-01-01T00:00:00.000Z', trouble: 'no way. Open it.' };
    for (const each of [certificate, undefined]) {
      const { time, reporter, records } = build({}, each);
      reporter.start();
      await time.advance(10_000);
      const read = decode('health', encode('health', records()[0]!));
      expect(read.ok && read.value.certificate).toEqual(each);
      reporter.stop();
    }
  });

  it('records what the system and the line say, at its interval, as the wire wants it', async () => {
    const { time, reporter, records } = build();
    reporter.start();
    reporter.start();
    await time.advance(9_999);
    expect(records()).toEqual([]);
    reporter.lineFigures({
      framesPerSecond: 12,
      droppedFrames: 1,
      frameForMs: 0,
      fruits: 40,
      missedDeadlines: 2,
      lostRecords: 5,
      release: undefined,
      recent,
      latencyMs: { p50: 20, p99: 40 },
    });
    await time.advance(20_001);
    expect(records()).toHaveLength(3);
    expect(records()[0]).toMatchObject({
      seq: 0,
      at: '2026-01-01T00:00:10.000Z',
      intervalS: 10,
      uptimeS: 10,
      fruits: 40,
      missedDeadlines: 2,
      latencyMs: { p50: 20, p99: 40 },
      recent,
      rssMb: 123,
      loadAverage: 1.5,
      temperatureC: null,
      throttled: { now: [], sinceBoot: ['under-voltage'] },
      diskFreeMb: 5_000,
      outboxDepth: 0,
      outboxDropped: 5,
      rejectedMessages: 3,
    });
    expect(records()[2]!.cpuPercent).toBeCloseTo(10);
    for (const record of records()) expect(decode('health', encode('health', record)).ok).toBe(true);
  });

  it('goes on after a reading that failed', async () => {
    let calls = 0;
    const diskFreeBytes = async () => {
      if (++calls === 1) throw new Error('no such disk');
      return 1;
    };
    const { time, reporter, records, trouble } = build({ diskFreeBytes });
    reporter.start();
    await time.advance(20_000);
    expect(trouble).toEqual(['no such disk']);
    expect(records()).toHaveLength(1);
  });

  it('records nothing more after it was stopped', async () => {
    const { time, reporter, records } = build();
    reporter.start();
    await time.advance(10_000);
    reporter.stop();
    await time.advance(60_000);
    expect(records()).toHaveLength(1);
  });

  it('tells at once when something befalls the camera, and when it is over', async () => {
    const { time, reporter, records } = build();
    const figures = {
      framesPerSecond: 12,
      droppedFrames: 0,
      frameForMs: 0,
      fruits: 0,
      missedDeadlines: 0,
      lostRecords: 0,
      latencyMs: { p50: 1, p99: 2 },
      release: undefined,
      recent: undefined,
    };
    const camera = { faults: ['black' as const], luma: 3, sharpness: null, shiftPx: null };
    reporter.start();
    reporter.lineFigures(figures);
    reporter.lineFigures({ ...figures, camera });
    reporter.lineFigures({ ...figures, camera });
    await time.advance(1);
    expect(records().map((each) => each.camera)).toEqual([camera]);
    reporter.lineFigures({ ...figures, camera: { ...camera, faults: [] } });
    await time.advance(9_998);
    expect(records()).toHaveLength(2);
    await time.advance(1);
    expect(records()).toHaveLength(3);
    expect(decode('health', encode('health', records()[0]!)).ok).toBe(true);
  });
});
