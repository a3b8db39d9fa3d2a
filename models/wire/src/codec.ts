import type { TSchema } from '@pomona/schema';
import { Compile } from '@pomona/schema';
import { channelNames, channels, type JsonChannelName, type Payload } from './channels.ts';
import { describeErrors } from './describe-errors.ts';

export type DecodeFailure = 'oversized' | 'not-json' | 'schema';
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly cause: DecodeFailure;
      readonly detail: string;
    };

const validators = new Map(
  channelNames.flatMap((name) => {
    const schema: TSchema | undefined = channels[name].schema;
    return schema ? [[name, Compile(schema)] as const] : [];
  }),
);

/** Bytes → size limit → JSON → schema → value. Unknown fields are ignored. Never throws. */
export function decode<K extends JsonChannelName>(channel: K, bytes: Uint8Array): Decoded<Payload<K>> {
  const { maxBytes } = channels[channel];
  if (bytes.byteLength > maxBytes) {
    return {
      ok: false,
      cause: 'oversized',
      detail: `${bytes.byteLength} bytes, at most ${maxBytes}`,
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      return {
        ok: false,
        cause: 'not-json',
        detail: error.message.slice(0, 200),
      };
    }
    throw error;
  }
  return validate(channel, value);
}

/** For a value that was parsed elsewhere (the content of a signed envelope has its own schema and validator). */
function validate<K extends JsonChannelName>(channel: K, value: unknown): Decoded<Payload<K>> {
  const validator = validators.get(channel)!;
  if (validator.Check(value)) return { ok: true, value: value as Payload<K> };
  return {
    ok: false,
    cause: 'schema',
    detail: describeErrors(validator.Errors(value)),
  };
}

/** Throws on a value that does not fit its schema or its size: senders are exact. */
export function encode<K extends JsonChannelName>(channel: K, value: Payload<K>): Buffer {
  const checked = validate(channel, value);
  if (!checked.ok) throw new Error(`${channel}: ${checked.detail}`);
  const bytes = Buffer.from(JSON.stringify(value));
  const { maxBytes } = channels[channel];
  if (bytes.byteLength > maxBytes)
    throw new Error(`${channel}: ${bytes.byteLength} bytes, at most ${maxBytes}`);
  return bytes;
}
