import type { KeyObject } from 'node:crypto';
import { Compile } from '@pomona/schema';
import {
  Desired,
  describeErrors,
  desiredPayloadType,
  type SignedEnvelope,
  type StationAddress,
} from '@pomona/wire';
import { canonicalJson } from './digest.ts';
import { openEnvelope, signEnvelope } from './dsse.ts';
import { releaseError } from './release-errors.ts';
import type { SigningKey } from './signing-key.ts';

const validator = Compile(Desired);

/** Throws `envelope-invalid` for a state that no station would accept. */
export function signDesired(desired: Desired, key: SigningKey): SignedEnvelope {
  if (!validator.Check(desired)) throw invalid(describeErrors(validator.Errors(desired)));
  return signEnvelope(desiredPayloadType, Buffer.from(canonicalJson(desired)), key);
}

export interface DesiredExpectation {
  readonly address: StationAddress;
  /** The highest counter that this station has seen. The same one may come again: the message is retained. */
  readonly counterMin: number;
}

/**
 * Throws `envelope-type`, `envelope-signature`, `envelope-invalid`, `desired-wrong-station` or `desired-old-counter`.
 */
export function openDesired(
  envelope: SignedEnvelope,
  publicKey: KeyObject | string,
  { address, counterMin }: DesiredExpectation,
): Desired {
  const payload = openEnvelope(envelope, desiredPayloadType, publicKey);
  const desired = parseDesired(payload);
  const { site, line, station } = desired;
  if (site !== address.site || line !== address.line || station !== address.station) {
    throw releaseError(
      'desired-wrong-station',
      `signed for ${site}/${line}/${station}, this is ${address.site}/${address.line}/${address.station}`,
    );
  }
  if (desired.counter < counterMin)
    throw releaseError('desired-old-counter', `counter ${desired.counter}, ${counterMin} was seen before`);
  return desired;
}

function parseDesired(payload: Uint8Array): Desired {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw invalid('it is not JSON', error);
  }
  if (!validator.Check(value)) throw invalid(describeErrors(validator.Errors(value)));
  return value;
}

function invalid(detail: string, cause?: unknown) {
  return releaseError('envelope-invalid', `the desired state cannot be used: ${detail}`, { cause });
}
