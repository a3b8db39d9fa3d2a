import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get, request } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { startTestControlPlane, type TestControlPlane } from '../../testing/test-control-plane.ts';
import { createCsr, enrolTestStation, postEnrol } from '../../testing/test-station.ts';
import { BlobFolder } from '../blob-folder.ts';

let running: TestControlPlane;
const clock = new ManualClock(Date.now());
beforeAll(async () => {
  running = await startTestControlPlane({ clock });
});
afterAll(() => running.remove());

const place = { site: 'orchard', line: 'one' };

/** As if nobody had asked for a while. */
function letTimePass(): void {
  clock.ms += 60_000;
}

describe('files', () => {
  /** A part of what a station may have. `own`: its key and certificate, in whose place another may stand. */
  async function getFile(
    path: string,
    own: { readonly keyPem?: string; readonly certificatePem?: string },
    range?: string,
    agent: Agent | false = false,
  ) {
    const request = get(new URL(`/v1/files/${path}`, running.plane.urls.device), {
      ...{ ca: running.plane.caPem, key: own.keyPem, cert: own.certificatePem, agent },
      headers: range === undefined ? {} : { range },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
  }
  const file = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  let blob = '';
  beforeAll(async () => {
    blob = `blobs/${await new BlobFolder(running.folder).put(file)}`;
  });

  it('come whole or by range to a station with its certificate, over one connection', async () => {
    letTimePass();
    const own = await enrolTestStation(running.plane, 'files-a');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const part = await getFile(blob, own, 'bytes=16384-32767', agent);
      expect(part.status).toBe(206);
      expect(part.headers['content-range']).toBe('bytes 16384-32767/100000');
      expect(part.body.equals(file.subarray(16_384, 32_768))).toBe(true);
      const last = await getFile(blob, own, 'bytes=98304-99999', agent);
      expect(last.body.equals(file.subarray(98_304))).toBe(true);
      expect((await getFile(blob, own, undefined, agent)).body.equals(file)).toBe(true);
      const metadata = await getFile('metadata/timestamp.json', own, undefined, agent);
      expect(JSON.parse(metadata.body.toString())).toHaveProperty('signed._type', 'timestamp');
    } finally {
      agent.destroy();
    }
    expect(own.answer.deviceUrl).toBe(running.plane.urls.device);
  });

  it('do not exist beyond the blobs and the metadata', async () => {
    letTimePass();
    const own = await enrolTestStation(running.plane, 'files-b');
    const nothing = [
      `blobs/${'0'.repeat(64)}`,
      'metadata/99.root.json',
      'pomona.sqlite',
      'metadata/..%2fkeys',
    ];
    for (const path of nothing) expect([400, 404]).toContain((await getFile(path, own)).status);
    for (const path of [`blobs/..%2f${'0'.repeat(61)}`, 'blobs/%2e%2e', 'keys/root.key'])
      expect([400, 404]).toContain((await getFile(path, own)).status);
  });

  it('wait for the end of the site’s quiet hours, unlike the metadata', async () => {
    letTimePass();
    const own = await enrolTestStation(running.plane, 'files-d');
    const deliver = async (delivery: object): Promise<number> => {
      const { status } = await fetch(new URL('/v1/sites/orchard/delivery', running.plane.urls.console), {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${running.plane.localToken}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ kbitPerSMax: null, quietHours: null, reason: 'the lorries', ...delivery }),
      });
      return status;
    };
    const clockOf = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const [from, to] = [clockOf(clock.ms - 3_600_000), clockOf(clock.ms + 3_600_000)];
    expect(await deliver({ quietHours: { from, to, zone: 'UTC' } })).toBe(200);
    const held = await getFile(blob, own, 'bytes=0-9');
    expect(held.status).toBe(503);
    expect(JSON.parse(held.body.toString())).toMatchObject({ code: 'quiet-hours' });
    expect((await getFile('metadata/timestamp.json', own)).status).toBe(200);
    expect(await deliver({})).toBe(200);
    expect((await getFile(blob, own, 'bytes=0-9')).status).toBe(206);
  });

  it('are given to nobody without a certificate that is the newest of a station', async () => {
    letTimePass();
    const before = await enrolTestStation(running.plane, 'files-c');
    const now = await enrolTestStation(running.plane, 'files-c');
    expect((await getFile(blob, now, 'bytes=0-9')).status).toBe(206);
    for (const wrong of [{}, before]) {
      const refused = await getFile(blob, wrong, 'bytes=0-9');
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.body.toString())).toMatchObject({
        code: 'certificate-refused',
        hint: expect.stringContaining('`enrol --again`'),
      });
      expect((await getFile('metadata/timestamp.json', wrong)).status).toBe(403);
    }
  });
});

describe('renewal', () => {
  const dayMs = 86_400_000;
  let renewing: TestControlPlane;
  let aheadMs = 0;
  let monotonicMs = 0;
  beforeAll(async () => {
    // Nobody has asked for a while, whenever it looks.
    const ofTest = { nowMs: () => Date.now() + aheadMs, monotonicMs: () => (monotonicMs += 60_000) };
    renewing = await startTestControlPlane({ clock: ofTest });
  });
  afterAll(() => renewing.remove());
  type Own = { readonly keyPem?: string; readonly certificatePem?: string };
  async function renew(own: Own, csrPem: string) {
    const body = JSON.stringify({ csrPem });
    const sent = request(new URL('/v1/renew', renewing.plane.urls.device), {
      ...{
        method: 'POST',
        ca: renewing.plane.caPem,
        key: own.keyPem,
        cert: own.certificatePem,
        agent: false,
      },
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of response) text += part;
    return { status: response.statusCode, answer: JSON.parse(text) };
  }
  async function mayFetch({ keyPem, certificatePem }: Own): Promise<boolean> {
    const sent = get(new URL('/v1/files/metadata/timestamp.json', renewing.plane.urls.device), {
      ...{ ca: renewing.plane.caPem, key: keyPem, cert: certificatePem, agent: false },
    });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  }
  /** Enrolled so many days ago, by the clock that everybody has. */
  async function enrolledBefore(days: number, station: string) {
    aheadMs = -days * dayMs;
    const own = await enrolTestStation(renewing.plane, station);
    aheadMs = 0;
    return own;
  }

  it('waits until the certificate nears its end', async () => {
    const own = await enrolledBefore(0, 'renew-a');
    const { csrPem } = await createCsr('renew-a');
    expect(await renew(own, csrPem)).toEqual({ status: 200, answer: { certificatePem: null } });
  });

  it.each([
    ['nears its end', 300, true],
    ['has expired', 500, false],
  ])('gives a new one for one that %s; the one before counts until it is shown', async (_, days, isGood) => {
    const station = `renew-${days}`;
    const own = await enrolledBefore(days, station);
    expect(await mayFetch(own)).toBe(isGood);
    const { csrPem, keyPem } = await createCsr(station);
    // The first answer is lost on its way.
    const lost = await renew(own, csrPem);
    expect(await mayFetch(own)).toBe(isGood);
    const { answer } = await renew(own, csrPem);
    expect(await mayFetch({ keyPem, ...lost.answer })).toBe(false);
    expect(await mayFetch({ keyPem, ...answer })).toBe(true);
    expect(await mayFetch(own)).toBe(false);
    expect((await renew(own, csrPem)).status).toBe(403);
  });

  it('is for nobody else: no certificate, one that was superseded, another’s name, another’s authority', async () => {
    const before = await enrolledBefore(500, 'renew-c');
    const own = await enrolledBefore(500, 'renew-c');
    const { csrPem } = await createCsr('renew-c');
    for (const wrong of [{}, before])
      expect(await renew(wrong, csrPem)).toMatchObject({
        status: 403,
        answer: { code: 'certificate-refused', hint: expect.stringContaining('`enrol --again`') },
      });
    const other = await renew(own, (await createCsr('renew-a')).csrPem);
    expect(other).toMatchObject({ status: 400, answer: { code: 'certificate-request-name' } });
    const elsewhere = await startTestControlPlane();
    try {
      const stranger = await enrolTestStation(elsewhere.plane, 'renew-c');
      expect((await renew(stranger, csrPem)).status).toBe(403);
    } finally {
      await elsewhere.remove();
    }
    expect((await renew(own, csrPem)).status).toBe(200);
  });
});

describe('enrolment', () => {
  it('gives a device its certificate and what it needs to trust us', async () => {
    const { answer } = await enrolTestStation(running.plane, 'left');
    expect(answer).toMatchObject({ ...place, station: 'left', brokerUrl: running.plane.urls.broker });
    const ca = new X509Certificate(answer.caPem);
    const claim = await running.plane.claim({ ...place, station: 'left' });
    expect(createHash('sha256').update(ca.raw).digest('hex')).toBe(claim.caSha256);
    expect(new X509Certificate(answer.certificatePem).verify(ca.publicKey)).toBe(true);
    expect(JSON.parse(answer.trustRoot)).toHaveProperty('signed._type', 'root');
    expect(answer.desiredKeyPem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect((await running.plane.overview()).stations[0]?.enrolledAt).not.toBeNull();
  });

  it('shows the authority to a device that knows only its digest', async () => {
    const { caSha256, url } = await running.plane.claim({ ...place, station: 'left' });
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const leaf = socket.getPeerX509Certificate()!;
    const authority = leaf.issuerCertificate!;
    expect(createHash('sha256').update(authority.raw).digest('hex')).toBe(caSha256);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    socket.destroy();
  });

  it('refuses a token that was used, expired or never given out, each in its own words', async () => {
    letTimePass();
    const { csrPem } = await createCsr('right');
    const claim = await running.plane.claim({ ...place, station: 'right', validForMinutes: 10 });
    const late = await running.plane.claim({ ...place, station: 'right', validForMinutes: 1 });
    expect((await postEnrol(running.plane, { token: claim.token, csrPem })).status).toBe(200);
    const again = await postEnrol(running.plane, { token: claim.token, csrPem });
    expect([again.status, again.body]).toMatchObject([409, { code: 'claim-used' }]);
    clock.ms += 60_000;
    const expired = await postEnrol(running.plane, { token: late.token, csrPem });
    expect([expired.status, expired.body]).toMatchObject([410, { code: 'claim-expired' }]);
    expect((expired.body as { hint: string }).hint).toContain('pomona station enrol orchard/one/right');
    const unknown = await postEnrol(running.plane, { token: 'x'.repeat(43), csrPem });
    expect([unknown.status, unknown.body]).toMatchObject([403, { code: 'claim-unknown' }]);
  });

  it('lets one of two devices through that come with the same token at once', async () => {
    letTimePass();
    const claim = await running.plane.claim({ ...place, station: 'twice' });
    const requests = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const { csrPem } = await createCsr('twice');
        return postEnrol(running.plane, { token: claim.token, csrPem });
      }),
    );
    expect(requests.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  it('leaves a claim good when the request could not be signed', async () => {
    letTimePass();
    const claim = await running.plane.claim({ ...place, station: 'third' });
    const wrong = await createCsr('left');
    const refused = await postEnrol(running.plane, { token: claim.token, csrPem: wrong.csrPem });
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'certificate-request-name' }]);
    const { csrPem } = await createCsr('third');
    expect((await postEnrol(running.plane, { token: claim.token, csrPem })).status).toBe(200);
  });

  it('takes no malformed and no oversized body', async () => {
    letTimePass();
    for (const body of ['{', '{}', { token: 'short', csrPem: '' }, [], null])
      expect((await postEnrol(running.plane, body)).status).toBe(400);
    const large = await postEnrol(running.plane, { token: 'x'.repeat(43), csrPem: 'x'.repeat(20_000) });
    expect([large.status, large.body]).toMatchObject([413, { code: 'body-too-large' }]);
  });

  it('is limited in how often one address may ask', async () => {
    letTimePass();
    const statuses = [];
    for (let i = 0; i < 25; i++)
      statuses.push((await postEnrol(running.plane, { token: 'x'.repeat(43), csrPem: '' })).status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });
});
