/**
 * Pomona's own certificate authority. It signs three kinds of leaf: the server's certificate (broker and device
 * listener), the control plane's client certificate, and one per station, whose common name is the station's id. Devices
 * know the authority by the SHA-256 of its certificate, which travels in their claim.
 */
import { createHash, randomBytes, type webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import type { Clock } from '@pomona/wire';
import { keyAlgorithm, openKeyPair } from './key-pair.ts';
import * as x509 from './x509.ts';

const dayMs = 86_400_000;
const authorityDays = 20 * 365;
/** Clocks of devices and servers differ a little. */
const backdatedMs = 60 * 60_000;

export interface LeafRequest {
  readonly commonName: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly usage: 'server' | 'client';
  readonly days: number;
  readonly names?: x509.JsonGeneralNames;
}

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly expiresAtMs: number;
}

export class Authority {
  readonly certificatePem: string;
  /** Of the certificate in DER, hexadecimal. */
  readonly sha256: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #clock: Clock;

  constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair, clock: Clock) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.#clock = clock;
    this.certificatePem = certificate.toString('pem');
    this.sha256 = createHash('sha256').update(new Uint8Array(certificate.rawData)).digest('hex');
  }

  async issue({ commonName, publicKey, usage, days, names }: LeafRequest): Promise<IssuedCertificate> {
    const now = this.#clock.nowMs();
    const purpose = usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: freshSerial(),
      subject: [{ CN: [commonName] }],
      issuer: this.#certificate.subjectName.toJSON(),
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(now + days * dayMs),
      publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: keyAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([purpose]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ...(names ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return {
      certificatePem: certificate.toString('pem'),
      serial: certificate.serialNumber,
      expiresAtMs: certificate.notAfter.getTime(),
    };
  }
}

/** Reads `ca.key` and `ca.crt` in `folder`, or makes them. */
export async function openAuthority(folder: string, clock: Clock): Promise<Authority> {
  const { keys } = await openKeyPair(join(folder, 'ca.key'));
  const path = join(folder, 'ca.crt');
  const stored = await readIfPresent(path);
  if (stored) return new Authority(new x509.X509Certificate(stored.toString()), keys, clock);
  const certificate = await selfSigned(keys, clock.nowMs());
  await writeFileDurably(path, certificate.toString('pem'));
  return new Authority(certificate, keys, clock);
}

async function selfSigned(keys: webcrypto.CryptoKeyPair, nowMs: number): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: freshSerial(),
    name: [{ CN: ['Pomona'] }],
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityDays * dayMs),
    keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

/** 127 random bits: positive, and without a leading zero byte that printers of serial numbers disagree about. */
function freshSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}
