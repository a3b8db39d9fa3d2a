import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type Field, type FieldType, type Message, type MessageName, messages } from './schema.ts';

/** A message of the protobuf wire format; fields that the schema does not have are passed over. Throws where the bytes are no such message. */
export function decodeMessage<M extends MessageName>(name: M, bytes: Uint8Array): Message<M> {
  return readMessage(new BinaryReader(bytes), name, bytes.byteLength) as Message<M>;
}

function readMessage(reader: BinaryReader, name: MessageName, byteLength: number): object {
  const fields: Readonly<Record<string, Field>> = messages[name];
  const byNumber = new Map(Object.entries(fields).map(([key, field]) => [field[0], { key, field }]));
  const message: Record<string, unknown> = {};
  const end = reader.pos + byteLength;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const known = byNumber.get(number);
    if (known === undefined) {
      reader.skip(wireType, number);
      continue;
    }
    const { key, field } = known;
    const values = readValues(reader, field[1], wireType);
    message[key] = field[2] ? [...((message[key] as unknown[] | undefined) ?? []), ...values] : values.at(-1);
  }
  return message;
}

/** One value, or those of a packed list: other programs write lists of numbers so. */
function readValues(reader: BinaryReader, type: FieldType, wireType: WireType): unknown[] {
  if (type !== 'int64' || wireType !== WireType.LengthDelimited) return [readValue(reader, type)];
  const values: unknown[] = [];
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) values.push(readValue(reader, type));
  return values;
}

function readValue(reader: BinaryReader, type: FieldType): unknown {
  switch (type) {
    case 'int64':
      return Number(reader.int64());
    case 'float':
      return reader.float();
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    default:
      return readMessage(reader, type, reader.uint32());
  }
}
