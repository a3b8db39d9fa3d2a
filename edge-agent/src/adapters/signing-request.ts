/**
 * A PKCS#10 certification request (RFC 2986) for an EC P-256 key, in DER (ITU-T X.690): the one kind that a device makes.
 *
 *   CertificationRequest ::= SEQUENCE { info, algorithm, signature BIT STRING }
 *   info ::= SEQUENCE { version INTEGER 0, subject Name, subjectPublicKeyInfo, attributes [0] (empty) }
 */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';

const sequence = 0x30;
const set = 0x31;
const bitString = 0x03;
const utf8String = 0x0c;
const emptyAttributes = Buffer.from([0xa0, 0x00]);
const versionZero = Buffer.from([0x02, 0x01, 0x00]);
/** 2.5.4.3, commonName. */
const commonNameId = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03]);
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
const ecdsaWithSha256Id = Buffer.from([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/** PEM. */
export function signingRequest(commonName: string, privateKey: KeyObject): string {
  const name = der(sequence, commonNameId, der(utf8String, Buffer.from(commonName)));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const info = der(sequence, versionZero, der(sequence, der(set, name)), publicKey, emptyAttributes);
  const signature = sign('sha256', info, privateKey);
  const request = der(
    sequence,
    info,
    der(sequence, ecdsaWithSha256Id),
    der(bitString, Buffer.from([0]), signature),
  );
  const lines = request.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Tag, length, value (X.690, 8.1); lengths up to 65,535. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length = value.byteLength;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), value]);
}
