import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Field, type FieldType, type Message, type MessageName, messages } from './schema.ts';

/** A message's bytes in the protobuf wire format. */
export function encodeMessage<M extends MessageName>(name: M, message: Message<M>): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeMessage(writer, name, message as Plain);
  return writer.finish();
}

type Plain = Readonly<Record<string, unknown>>;

function writeMessage(writer: BinaryWriter, name: MessageName, message: Plain): void {
  const fields: Readonly<Record<string, Field>> = messages[name];
  for (const [key, [number, type, repeated]] of Object.entries(fields)) {
    const value = message[key];
    if (value === undefined) continue;
    for (const each of repeated ? (value as readonly unknown[]) : [value]) {
      writeField(writer, number, type, each);
    }
  }
}

function writeField(writer: BinaryWriter, number: number, type: FieldType, value: unknown): void {
  switch (type) {
    case 'int64':
      writer.tag(number, WireType.Varint).int64(value as number);
      break;
    case 'float':
      writer.tag(number, WireType.Bit32).float(value as number);
      break;
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string(value as string);
      break;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value as Uint8Array);
      break;
    default:
      writer.tag(number, WireType.LengthDelimited).fork();
      writeMessage(writer, type, value as Plain);
      writer.join();
  }
}
