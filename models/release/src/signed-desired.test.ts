import { type AppError, type Desired, desiredPayloadType, type SignedEnvelope } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { signEnvelope } from './dsse.ts';
import { openDesired, signDesired } from './signed-desired.ts';
import { generateSigningKey } from './signing-key.ts';

const key = generateSigningKey();
const address = { site: 'hill', line: 'one', station: 'cam-1' };
const desired: Desired = {
  v: 1,
  ...address,
  counter: 7,
  at: '2026-03-01T00:00:00.000Z',
  release: { name: 'apples', version: 2, digest: 'b'.repeat(64) },
  recipe: {
    v: 1,
    version: 1,
    defaultGrade: 'ok',
    viewsMin: 3,
    ceilings: [],
    gates: [{ grade: 'ok', gate: 0 }],
  },
};
const signed = signDesired(desired, key);

function codeOf(envelope: SignedEnvelope, counterMin = 0, at = address): string {
  try {
    openDesired(envelope, key.publicKeyPem, { address: at, counterMin });
  } catch (error) {
    return (error as AppError).code ?? String(error);
  }
  return 'accepted';
}

const withPayload = (change: (payload: string) => string): SignedEnvelope => ({
  ...signed,
  payload: Buffer.from(change(Buffer.from(signed.payload, 'base64').toString())).toString('base64'),
});

describe('a signed desired state', () => {
  it('is opened by the station that it was signed for, more than once', () => {
    for (let i = 0; i < 2; i++)
      expect(openDesired(signed, key.publicKeyPem, { address, counterMin: 7 })).toEqual(desired);
  });

  it('is refused when any part of the payload changed', () => {
    expect(codeOf(withPayload((text) => text.replace('"counter":7', '"counter":8')))).toBe(
      'envelope-signature',
    );
    expect(codeOf(withPayload((text) => `${text} `))).toBe('envelope-signature');
    expect(codeOf(withPayload(() => ''))).toBe('envelope-signature');
  });

  it('is refused with a signature of another key, none that is one, or one made without the type', () => {
    expect(codeOf(signDesired(desired, generateSigningKey()))).toBe('envelope-signature');
    expect(codeOf({ ...signed, signatures: [{ keyid: key.id, sig: 'AAAA' }] })).toBe('envelope-signature');
    const elsewhere = signEnvelope('text/plain', Buffer.from(signed.payload, 'base64'), key);
    expect(codeOf({ ...elsewhere, payloadType: desiredPayloadType })).toBe('envelope-signature');
  });

  it('is accepted by its signature, whatever the key id says, among signatures of others', () => {
    const [own] = signed.signatures;
    const [other] = signDesired(desired, generateSigningKey()).signatures;
    expect(codeOf({ ...signed, signatures: [other!, { ...own!, keyid: 'wrong' }] })).toBe('accepted');
  });

  it('is refused when it is of another type', () => {
    expect(codeOf({ ...signed, payloadType: 'text/plain' })).toBe('envelope-type');
  });

  it.each(['site', 'line', 'station'] as const)('is refused when it is for another %s', (level) => {
    expect(codeOf(signed, 0, { ...address, [level]: 'other' })).toBe('desired-wrong-station');
  });

  it('is refused when its counter is lower than one that was seen', () => {
    expect(codeOf(signed, 8)).toBe('desired-old-counter');
  });

  it('is refused when it was signed but is not a desired state', () => {
    const sign = (text: string) => signEnvelope(desiredPayloadType, Buffer.from(text), key);
    expect(codeOf(sign('not JSON'))).toBe('envelope-invalid');
    expect(codeOf(sign('{}'))).toBe('envelope-invalid');
    expect(() => signDesired({ ...desired, counter: 0 }, key)).toThrow(/counter/);
  });
});
