import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { createCsr } from '../../testing/test-station.ts';
import { openPki } from './open-pki.ts';

const dayMs = 86_400_000;
let folder: string;
let clock: ManualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-pki-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('openPki', () => {
  it('makes an authority once, with keys that only we can read', async () => {
    const first = await openPki(folder, clock, ['plane.example']);
    const second = await openPki(folder, clock, ['plane.example']);
    expect(second.authority.sha256).toBe(first.authority.sha256);
    expect(second.server).toEqual(first.server);
    for (const file of ['ca.key', 'server.key', 'control-plane.key'])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const ca = new X509Certificate(first.authority.certificatePem);
    expect(ca.ca).toBe(true);
    expect(ca.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(first.authority.sha256);
  });

  it('gives the server every name that it is reached by', async () => {
    const { server, authority } = await openPki(folder, clock, ['plane.example', '10.1.2.3']);
    const certificate = new X509Certificate(server.certificatePem);
    for (const host of ['localhost', 'plane.example']) expect(certificate.checkHost(host)).toBe(host);
    for (const ip of ['127.0.0.1', '::1', '10.1.2.3']) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.checkHost('elsewhere.example')).toBeUndefined();
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(server.keyPem))).toBe(true);
  });

  it('makes the server certificate anew when it nears its end or a name is added, with the same key', async () => {
    const first = await openPki(folder, clock, ['a.example']);
    clock.ms += 300 * dayMs;
    expect((await first.renew()).server).toEqual(first.server);
    clock.ms += 40 * dayMs;
    const renewed = (await first.renew()).server;
    expect(renewed.certificatePem).not.toBe(first.server.certificatePem);
    expect(renewed.keyPem).toBe(first.server.keyPem);
    const named = await openPki(folder, clock, ['a.example', 'b.example']);
    expect(new X509Certificate(named.server.certificatePem).checkHost('b.example')).toBe('b.example');
  });

  it('makes a certificate of ours anew when its file is damaged, and never the key of the authority', async () => {
    await openPki(folder, clock, []);
    writeFileSync(join(folder, 'server.crt'), '-----BEGIN CERTIFICATE-----\nnonsense');
    const { server } = await openPki(folder, clock, []);
    expect(new X509Certificate(server.certificatePem).checkHost('localhost')).toBe('localhost');
    writeFileSync(join(folder, 'ca.key'), 'nonsense');
    await expect(openPki(folder, clock, [])).rejects.toMatchObject({ code: 'pki-damaged' });
    expect(readFileSync(join(folder, 'ca.key'), 'utf8')).toBe('nonsense');
  });
});

describe('signStation', () => {
  it('signs a client certificate for the station and its key, valid for a year', async () => {
    const pki = await openPki(folder, clock, []);
    const { csrPem, keyPem } = await createCsr('left');
    const issued = await pki.signStation(csrPem, 'left');
    const certificate = new X509Certificate(issued.certificatePem);
    expect(certificate.subject).toBe('CN=left');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    expect(certificate.serialNumber.toLowerCase()).toBe(issued.serial);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(issued.expiresAtMs - clock.ms).toBe(365 * dayMs);
  });

  it('refuses another name, another kind of key, a broken proof and nonsense', async () => {
    const pki = await openPki(folder, clock, []);
    const { csrPem } = await createCsr('left');
    const other = await createCsr('left', { name: 'ECDSA', namedCurve: 'P-384' });
    await expect(pki.signStation(csrPem, 'right')).rejects.toMatchObject({
      code: 'certificate-request-name',
    });
    await expect(pki.signStation(other.csrPem, 'left')).rejects.toMatchObject({
      code: 'certificate-request-key',
    });
    const der = Buffer.from(csrPem.replace(/-----.*-----|\s/g, ''), 'base64');
    der[der.length - 1]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const text of [forged, 'nonsense', '', csrPem.slice(0, 100)])
      await expect(pki.signStation(text, 'left')).rejects.toMatchObject({
        code: 'certificate-request-invalid',
      });
  });
});
