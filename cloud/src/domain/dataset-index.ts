import type { Labelled, Provenance } from '@pomona/wire';
import { CsvError, parse } from 'csv-parse/sync';
import { datasetError } from './dataset-errors.ts';

/** One photograph that a dataset is made of. */
export interface ListedPhotograph {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Lower case; empty where nobody said it. */
  readonly grade: string;
  readonly group: string;
  readonly about?: Provenance;
  readonly labelled?: Labelled;
}

/** Any of these columns says which photographs must not be separated; the first that is there counts. */
export const groupColumns = ['group', 'session', 'lot', 'fruit'] as const;

/** Columns that may be there beside, written with or without `_`, `-` and spaces. */
const aboutColumns = {
  source: 'source',
  station: 'station',
  line: 'line',
  variety: 'variety',
  block: 'block',
  orchardblock: 'block',
  lot: 'lot',
} as const satisfies Record<string, keyof Provenance>;
const textMax = 200;

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Reads an `index.csv`, in which a grade may be missing where that is said. Throws `dataset-index-invalid` naming the file, the line and the column. */
export function parseDatasetIndex(
  text: string,
  file: string,
  { isGraded = true } = {},
): readonly ListedPhotograph[] {
  const [header, ...rows] = parseRows(text, file);
  const names = header?.record.map((name) => name.trim().toLowerCase()) ?? [];
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) < at);
  if (twice !== undefined) throw invalid(file, 1, twice, 'the column is there twice');
  const column = (name: string): number => {
    const at = names.indexOf(name);
    if (at < 0) throw invalid(file, 1, name, `there is no such column, only ${names.join(', ') || 'none'}`);
    return at;
  };
  const pathAt = column('path');
  const gradeAt = isGraded ? column('grade') : names.indexOf('grade');
  const groupName = groupColumns.find((name) => names.includes(name));
  if (!groupName) throw invalid(file, 1, groupColumns.join('|'), 'none of these columns is there');
  const groupAt = column(groupName);
  const groups = new Map<string, string>();
  return rows.map(({ record, info }) => {
    const value = (at: number): string => {
      const text = record[at]?.trim() ?? '';
      if (text === '') throw invalid(file, info.lines, names[at] ?? '', 'it is empty');
      return text;
    };
    const path = value(pathAt)
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '');
    if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split('/').includes('..'))
      throw invalid(file, info.lines, 'path', `${path} is not inside the folder`);
    const group = value(groupAt);
    const before = groups.get(path) ?? group;
    if (before !== group)
      throw invalid(file, info.lines, groupName, `${path} is of ${before} further up, and of ${group} here`);
    groups.set(path, group);
    const grade = isGraded ? value(gradeAt) : (record[gradeAt]?.trim() ?? '');
    return {
      ...{ path, grade: grade.toLowerCase(), group },
      ...provenanceOf(names, record, (column, why) => invalid(file, info.lines, column, why)),
    };
  });
}

/** What the other columns say; an empty cell says nothing. */
function provenanceOf(
  names: readonly string[],
  record: readonly string[],
  complaint: (column: string, why: string) => Error,
): Pick<ListedPhotograph, 'about' | 'labelled'> {
  const plain = names.map((name) => name.replace(/[-_ ]/g, ''));
  /** As the file calls it. */
  const written = (column: string): string => names[plain.indexOf(column)] ?? column;
  const cell = (column: string): string => {
    const text = record[plain.indexOf(column)]?.trim() ?? '';
    if (text.length > textMax) throw complaint(written(column), `it has more than ${textMax} characters`);
    return text;
  };
  const instant = (column: string): string | undefined => {
    const text = cell(column);
    if (text === '') return undefined;
    const at = instantOf(text);
    if (at === undefined)
      throw complaint(written(column), `${text} is no time, such as 2026-10-03T14:05:00Z`);
    return at;
  };
  const about: Record<string, string> = {};
  for (const [column, name] of Object.entries(aboutColumns)) {
    const text = cell(column);
    if (text !== '') about[name] = text;
  }
  const capturedAt = instant('capturedat');
  if (capturedAt !== undefined) about.capturedAt = capturedAt;
  const by = cell('labelledby');
  const at = instant('labelledat');
  if ((by === '') !== (at === undefined))
    throw complaint('labelled_by', 'labelled_by and labelled_at go together: who said so, and when');
  return {
    ...(Object.keys(about).length === 0 ? {} : { about }),
    ...(at === undefined ? {} : { labelled: { by, at } }),
  };
}

/**
 * A date, or a date and a time, of ISO 8601 (RFC 3339, with the seconds or the zone left out); without a zone it is UTC. What
 * else `Date` reads depends on the program and where it runs: 10/3 is two days, and noon is another one in each zone.
 */
function instantOf(text: string): string | undefined {
  const [whole, day, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (whole === undefined || (whole.length > 10 && !whole.includes('T'))) return undefined;
  // `Date` carries a 30th of February over into March.
  const here = new Date(`${day}${time}Z`);
  if (Number.isNaN(here.getTime()) || !here.toISOString().startsWith(`${day}T`)) return undefined;
  const at = new Date(`${day}${time}${zone}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** A spreadsheet writes semicolons where its language has decimal commas, or tabs. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  return header.includes(',') ? ',' : ([';', '\t'].find((mark) => header.includes(mark)) ?? ',');
}

/** What another encoding leaves in text that was read as UTF-8: the names in it would be those of no file. */
const foreign = /[\0\ufffd]/;

function parseRows(text: string, file: string): Row[] {
  const foreignAt = text.search(foreign);
  if (foreignAt >= 0)
    throw invalid(
      file,
      text.slice(0, foreignAt).split('\n').length,
      '',
      'it is not UTF-8: save it as “CSV UTF-8”',
    );
  try {
    const options = {
      ...{ bom: true, info: true, delimiter: delimiterOf(text) },
      // Of two files that were put together each may end its lines in its own way.
      record_delimiter: ['\r\n', '\n', '\r'],
      // Spreadsheets write rows of nothing but delimiters where there once was something.
      ...{ skip_empty_lines: true, skip_records_with_empty_values: true },
    };
    return parse(text, options) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
    throw invalid(file, line, '', error.message, error);
  }
}

function invalid(file: string, line: number, column: string, why: string, cause?: unknown) {
  const where = column === '' ? `${file}:${line}` : `${file}:${line}, column ${column}`;
  return datasetError('dataset-index-invalid', `${where}: ${why}`, cause);
}
