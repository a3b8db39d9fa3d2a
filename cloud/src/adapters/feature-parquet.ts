import type { FeatureRow } from '@pomona/wire';
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { type FeatureSet, type FeatureType, typedColumns } from '../domain/feature-set.ts';

/** Rows that are compressed together, and all that is in memory of a table of any length. */
const groupRowsMax = 5_000;
const types = {
  text: 'STRING',
  integer: 'INT64',
  instant: 'TIMESTAMP',
  number: 'DOUBLE',
} as const satisfies Record<FeatureType, ColumnSource['type']>;

/** As Parquet, one group of rows after the other: keys and columns with their types. A figure that there is not is null. */
export async function* featureParquet(
  set: FeatureSet,
  parts: AsyncIterable<readonly FeatureRow[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const columnsOf = (rows: readonly FeatureRow[]): ColumnSource[] =>
    typedColumns(set).map(({ name, type }) => ({
      ...{ name, type: types[type], nullable: true },
      data: rows.map((row) => asParquet(row[name], type)),
    }));
  const file = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
    kvMetadata: [{ key: 'pomona.set', value: set.set }],
  });
  let waiting: FeatureRow[] = [];
  const writeGroup = () => {
    file.write({ columnData: columnsOf(waiting), rowGroupSize: groupRowsMax });
    waiting = [];
    return taken(writer);
  };
  for await (const rows of parts) {
    waiting.push(...rows);
    if (waiting.length >= groupRowsMax) yield writeGroup();
  }
  if (waiting.length > 0) yield writeGroup();
  file.finish();
  yield taken(writer);
}

/** What was written since the last time; `offset` goes on counting from the start of the file. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function asParquet(value: FeatureRow[string] | undefined, type: FeatureType): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'integer') return BigInt(value);
  return type === 'instant' ? new Date(value) : value;
}
