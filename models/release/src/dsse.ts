/**
 * DSSE, the Dead Simple Signing Envelope (secure-systems-lab/dsse, protocol 1.0.2). What is signed is not the payload
 * but its pre-authentication encoding, PAE: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, so that a payload
 * of one type can never be passed off as one of another, and no canonical form of the payload is needed.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { SignedEnvelope } from '@pomona/wire';
import { releaseError } from './release-errors.ts';
import { keyIdOf, type SigningKey } from './signing-key.ts';

export function signEnvelope(payloadType: string, payload: Uint8Array, key: SigningKey): SignedEnvelope {
  const signature = sign(null, preAuthenticationEncoding(payloadType, payload), key.privateKey);
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: key.id, sig: signature.toString('base64') }],
  };
}

/** The payload, once its type and one signature of `publicKey` are proven. Throws `envelope-type` or `envelope-signature`. */
export function openEnvelope(
  envelope: SignedEnvelope,
  payloadType: string,
  publicKey: KeyObject | string,
): Buffer {
  if (envelope.payloadType !== payloadType)
    throw releaseError('envelope-type', `expected ${payloadType}, not ${envelope.payloadType.slice(0, 120)}`);
  const key = typeof publicKey === 'string' ? createPublicKey(publicKey) : publicKey;
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = preAuthenticationEncoding(payloadType, payload);
  // The key id is only a hint (DSSE, "keyid"): what counts is the signature.
  const proven = envelope.signatures.some(({ sig }) => verify(null, signed, key, Buffer.from(sig, 'base64')));
  if (!proven)
    throw releaseError('envelope-signature', `no valid signature of key ${keyIdOf(key).slice(0, 12)}`);
  return payload;
}

function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
