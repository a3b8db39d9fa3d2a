import { decode, decodeChunk, encode, type Problem, type SiteView } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testBoot, testHealth } from '../testing/test-station.ts';

let running: TestControlPlane;
let station: TestStation;
beforeAll(async () => {
  running = await startTestControlPlane();
  station = await TestStation.connect(running.plane, await enrolTestStation(running.plane, 'left'));
});
afterAll(async () => {
  await station.end();
  await running.remove();
});

async function put(site: string, body: object): Promise<{ status: number; body: SiteView & Problem }> {
  const response = await fetch(new URL(`/v1/sites/${site}/delivery`, running.plane.urls.console), {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${running.plane.localToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as SiteView & Problem };
}

describe('quiet hours of a running control plane', () => {
  it('hold back release files and samples at once, let grades through, and end when they are taken away', async () => {
    const digest = await new BlobFolder(running.folder).put(Buffer.alloc(2_000, 7));
    const statuses: string[] = [];
    const holds: (number | undefined)[] = [];
    station.client.on('message', (topic, payload) => {
      if (topic.endsWith('chunk')) statuses.push(decodeChunk(payload)?.status ?? 'none');
      const ack = topic.endsWith('ack') ? decode('ack', payload) : undefined;
      if (ack?.ok) holds.push(ack.value.holdSamplesS);
    });
    await station.client.subscribeAsync([station.topic('ack'), station.topic('transfer/chunk')]);
    let seq = 0;
    const turn = async () => {
      const [told, acknowledged] = [statuses.length, holds.length];
      await station.sendBytes(
        'transfer/request',
        encode('transfer/request', {
          ...{ v: 1, boot: testBoot, seq: ++seq, at: '2026-01-01T00:00:00.000Z', id: seq },
          ...{ path: `blobs/${digest}`, chunkBytes: 1_024, from: 0, count: 1 },
        }),
      );
      await station.send('health', testHealth(++seq));
      await eventually(() => statuses.length > told && holds.length > acknowledged);
      return [statuses.at(-1), holds.at(-1) !== undefined];
    };
    expect(await turn()).toEqual(['data', false]);
    // An hour ago until in an hour, whatever time it is.
    const clockOf = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const [from, to] = [clockOf(Date.now() - 3_600_000), clockOf(Date.now() + 3_600_000)];
    const request = { kbitPerSMax: 512, quietHours: { from, to, zone: 'UTC' }, reason: 'the lorries' };
    const { status, body } = await put('orchard', request);
    expect([status, body.quietUntil === null]).toEqual([200, false]);
    expect(await turn()).toEqual(['refused', true]);
    await put('orchard', { kbitPerSMax: null, quietHours: null, reason: 'done' });
    expect(await turn()).toEqual(['data', false]);
  });

  it('refuse a site that there is not, and a zone that there is not', async () => {
    const delivery = { kbitPerSMax: null, quietHours: null, reason: 'why' };
    expect((await put('elsewhere', delivery)).body.code).toBe('site-unknown');
    const quietHours = { from: '06:00', to: '18:00', zone: 'Mars/Olympus' };
    expect(await put('orchard', { ...delivery, quietHours })).toMatchObject({
      status: 422,
      body: { code: 'quiet-hours-invalid' },
    });
    expect((await put('orchard', { ...delivery, kbitPerSMax: 1 })).status).toBe(400);
  });
});
