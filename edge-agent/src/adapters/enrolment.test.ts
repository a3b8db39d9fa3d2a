/** The whole way from a claim to an identity on disk, against a real HTTPS server. */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim, EnrolRequest } from '@pomona/wire';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestAuthority, type TestAuthority } from '../testing/test-authority.ts';
import { enrol } from '../use-cases/enrol.ts';
import { sendEnrolment } from './https-enrolment.ts';
import { openIdentityStore } from './identity-store.ts';

const address = { site: 'valley', line: 'line-1', station: 'valley-1-a' };
const token = 'one-time-token-of-a-station';
let authority: TestAuthority;
let stranger: TestAuthority;
let folder = '';
let servers: Server[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  stranger = await createTestAuthority();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-enrol-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers) server.close();
  servers = [];
});

type Answer = { status: number; body: unknown };

/** A control plane whose answer the test decides; `seen` holds every request that it got. */
async function startServer(
  answer: (request: EnrolRequest) => Promise<Answer> | Answer,
  options: { tls?: { key: string; cert: string } } = {},
) {
  const seen: EnrolRequest[] = [];
  const tls = options.tls ?? (await authority.issueServer());
  const server = createServer(tls, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const content = JSON.parse(Buffer.concat(parts).toString());
    seen.push(content);
    const { status, body } = await answer(content);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function goodAnswer({ csrPem }: EnrolRequest): Promise<Answer> {
  const { certificatePem } = await authority.signRequest(csrPem);
  const body = {
    ...address,
    certificatePem,
    caPem: authority.certificatePem,
    brokerUrl: 'mqtts://127.0.0.1:8883',
    trustRoot: '{}',
    desiredKeyPem: 'key',
  };
  return { status: 200, body };
}

function claimFor(url: string, changes: Partial<Claim> = {}): Claim {
  const expiresAt = '2026-01-01T00:00:00.000Z';
  return { v: 1, ...address, url, caSha256: authority.sha256, token, expiresAt, ...changes };
}

function run(claim: Claim | undefined, where = address, again = false) {
  return enrol(where, {
    again,
    store: openIdentityStore(folder),
    send: sendEnrolment,
    readClaim: async () => claim,
  });
}

describe('enrolment', () => {
  it('asks for a certificate of the station’s name and keeps the key to itself', async () => {
    const { url, seen } = await startServer(goodAnswer);
    const { identity, fresh } = await run(claimFor(url));
    expect(fresh).toBe(true);
    expect(identity.brokerUrl).toBe('mqtts://127.0.0.1:8883');
    expect(seen[0]!.token).toBe(token);
    expect((await authority.signRequest(seen[0]!.csrPem)).commonName).toBe(address.station);
    const keyFile = join(folder, 'identity/key.pem');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(seen)).not.toContain(readFileSync(keyFile, 'utf8').split('\n')[1]);
  });

  it('does nothing when the station is enrolled already', async () => {
    const { url, seen } = await startServer(goodAnswer);
    await run(claimFor(url));
    const again = await run(undefined);
    expect(again.fresh).toBe(false);
    expect(seen).toHaveLength(1);
  });

  it('is enrolled again with a new claim only where that is asked for', async () => {
    const { url, seen } = await startServer(goodAnswer);
    await run(claimFor(url));
    const elsewhere = await startServer(async (request) => {
      const { body } = await goodAnswer(request);
      return { status: 200, body: { ...(body as object), brokerUrl: 'mqtts://127.0.0.1:9999' } };
    });
    expect(await run(claimFor(elsewhere.url))).toMatchObject({ fresh: false });
    const again = await run(claimFor(elsewhere.url), address, true);
    expect(again).toMatchObject({ fresh: true, identity: { brokerUrl: 'mqtts://127.0.0.1:9999' } });
    expect(await run(undefined)).toMatchObject({ fresh: false, identity: again.identity });
    expect([seen.length, elsewhere.seen.length]).toEqual([1, 1]);
  });

  it('keeps what it has when the new claim is refused, or there is none', async () => {
    const { url } = await startServer(goodAnswer);
    const { identity } = await run(claimFor(url));
    const used = await startServer(() => ({
      status: 409,
      body: { code: 'claim-used', message: 'the claim was used', hint: '' },
    }));
    await expect(run(claimFor(used.url), address, true)).rejects.toMatchObject({ code: 'enrol-refused' });
    await expect(run(undefined, address, true)).rejects.toMatchObject({ code: 'claim-missing' });
    expect(await run(undefined)).toMatchObject({ fresh: false, identity });
  });

  it('starts again with the same key after it was cut off', async () => {
    let asked = 0;
    const { url, seen } = await startServer((request) =>
      ++asked === 1 ? { status: 500, body: {} } : goodAnswer(request),
    );
    await expect(run(claimFor(url))).rejects.toMatchObject({ code: 'enrol-unreachable', retryable: true });
    expect(readdirSync(join(folder, 'identity'))).toEqual(['key.pem']);
    const key = readFileSync(join(folder, 'identity/key.pem'), 'utf8');
    writeFileSync(join(folder, 'identity/identity.json.tmp'), '{"half":');
    expect((await run(claimFor(url))).fresh).toBe(true);
    expect(readFileSync(join(folder, 'identity/key.pem'), 'utf8')).toBe(key);
    expect(seen).toHaveLength(2);
  });

  it.each(['claim-used', 'claim-expired', 'claim-unknown'])(
    'says to make a new claim after %s',
    async (code) => {
      const { url } = await startServer(() => ({
        status: 403,
        body: { code, message: 'no', hint: 'none' },
      }));
      await expect(run(claimFor(url))).rejects.toMatchObject({
        code: 'enrol-refused',
        retryable: false,
        message: expect.stringContaining(code),
        hint: expect.stringContaining('pomona station enrol'),
      });
    },
  );

  it.each([
    ['a year behind', 365, 'is not valid yet: if the clock is behind'],
    ['a year ahead', -365, 'is valid no more: if the clock is ahead'],
  ])('keeps its claim, and tries again, when its clock is %s', async (_, days, expected) => {
    // To a board in the right year such a server looks as the right one does to a board in the wrong year.
    const wrong = await startServer(goodAnswer, {
      tls: await authority.issueServer(['127.0.0.1'], days * 86_400_000),
    });
    await expect(run(claimFor(wrong.url))).rejects.toMatchObject({
      ...{ code: 'enrol-wrong-clock', retryable: true },
      message: expect.stringContaining(expected),
    });
    expect(wrong.seen).toEqual([]);
    const { url } = await startServer(goodAnswer);
    expect(await run(claimFor(url))).toMatchObject({ fresh: true });
  });

  it('keeps its claim when the disk takes no key, and says so', async () => {
    const { url, seen } = await startServer(goodAnswer);
    // Leads nowhere: there is nothing to be read, and nothing can be written.
    symlinkSync(join(folder, 'gone/away'), join(folder, 'identity'));
    await expect(run(claimFor(url))).rejects.toMatchObject({
      code: 'data-folder-not-writable',
      hint: expect.stringContaining('the claim is still good'),
    });
    expect(seen).toEqual([]);
  });

  it('sends nothing to a server of another authority', async () => {
    const { url, seen } = await startServer(goodAnswer, { tls: await stranger.issueServer() });
    await expect(run(claimFor(url))).rejects.toMatchObject({ code: 'enrol-wrong-server' });
    expect(seen).toEqual([]);
  });

  it('sends nothing to a server that shows the right authority beside a certificate of another', async () => {
    const { key, cert } = await stranger.issueServer();
    const leaf = cert.slice(0, cert.indexOf('-----END CERTIFICATE-----') + 26);
    const tls = { key, cert: `${leaf}${authority.certificatePem}\n` };
    const { url, seen } = await startServer(goodAnswer, { tls });
    await expect(run(claimFor(url))).rejects.toMatchObject({ code: 'enrol-wrong-server' });
    expect(seen).toEqual([]);
  });

  it('sends nothing to a server whose certificate is for another host', async () => {
    const { url, seen } = await startServer(goodAnswer, { tls: await authority.issueServer(['127.0.0.2']) });
    await expect(run(claimFor(url))).rejects.toMatchObject({ code: 'enrol-wrong-server' });
    expect(seen).toEqual([]);
  });

  it('stores nothing when the certificate is for another key or of another authority', async () => {
    const other = openIdentityStore(mkdtempSync(join(folder, 'other-')));
    const csrPem = await other.signingRequest(address.station);
    const wrongKey = await startServer(() => goodAnswer({ token, csrPem }));
    await expect(run(claimFor(wrongKey.url))).rejects.toMatchObject({ code: 'enrol-bad-answer' });
    const wrongSigner = await startServer(async (request) => {
      const { status, body } = await goodAnswer(request);
      const { certificatePem } = await stranger.signRequest(request.csrPem);
      return { status, body: { ...(body as object), certificatePem } };
    });
    await expect(run(claimFor(wrongSigner.url))).rejects.toMatchObject({ code: 'enrol-bad-answer' });
    expect(readdirSync(join(folder, 'identity'))).toEqual(['key.pem']);
  });

  it.each([
    ['no claim at all', () => undefined, 'claim-missing'],
    [
      'a claim of another station',
      (url: string) => claimFor(url, { station: 'valley-1-b' }),
      'claim-other-station',
    ],
    ['an address that is not https', () => claimFor('http://127.0.0.1:1'), 'enrol-wrong-server'],
    ['a server that is not there', () => claimFor('https://127.0.0.1:1'), 'enrol-unreachable'],
  ])('refuses %s', async (_, claim, code) => {
    const { url, seen } = await startServer(goodAnswer);
    await expect(run(claim(url))).rejects.toMatchObject({ code });
    expect(seen).toEqual([]);
  });

  it('refuses a data folder that belongs to another station', async () => {
    const { url } = await startServer(goodAnswer);
    await run(claimFor(url));
    await expect(run(undefined, { ...address, station: 'valley-1-b' })).rejects.toMatchObject({
      code: 'claim-other-station',
    });
  });

  it('says that a damaged identity must be made anew', async () => {
    const { url } = await startServer(goodAnswer);
    await run(claimFor(url));
    writeFileSync(join(folder, 'identity/identity.json'), '{"site":');
    await expect(run(undefined)).rejects.toMatchObject({ code: 'identity-damaged' });
  });
});
