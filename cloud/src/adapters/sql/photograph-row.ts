import type { Generated } from '@pomona/kysely';

export interface PhotographRow {
  id: Generated<number>;
  dataset: string;
  /** SHA-256 of the file, which is kept as a blob. */
  original: string;
  path: string;
  group_name: string;
  /** JSON. */
  about: string | null;
  /** What the folder or the `index.csv` said, which is the first of its labels unless it was refused. */
  grade: string | null;
  /** JSON; null where no fruit could be measured. */
  figures: string | null;
  refused: string | null;
  /** JSON: what was done to the colours of its crop; null where nothing was. */
  standardise: string | null;
  /** Null where there is no crop to label. */
  sample_id: number | null;
}
