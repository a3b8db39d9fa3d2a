/** A version as a table: a row per image, all that is kept of it. */
import type { DatasetImage } from './dataset.ts';

export const exportColumns = [
  ...['path', 'grade', 'group', 'split', 'digest', 'original', 'view_grade'],
  ...['source', 'station', 'variety', 'block', 'lot', 'captured_at', 'line', 'labelled_by', 'labelled_at'],
  ...['accepted_by', 'accepted_at', 'accepted_why', 'accepted_reason'],
] as const;

/** Names that an import reads as well. An image that nobody says something of has an empty cell. */
export function exportRow(image: DatasetImage): Readonly<Record<string, string>> {
  const { source, grade, group, split, digest, original, viewGrade, about, labelled, accepted } = image;
  const row: Record<string, string | undefined> = {
    ...{ path: source, grade, group, split, digest, original, view_grade: viewGrade },
    ...{ source: about?.source, station: about?.station, variety: about?.variety, block: about?.block },
    ...{ lot: about?.lot, captured_at: about?.capturedAt, line: about?.line },
    ...{ labelled_by: labelled?.by, labelled_at: labelled?.at },
    ...{ accepted_by: accepted?.by, accepted_at: accepted?.at },
    ...{ accepted_why: accepted?.why, accepted_reason: accepted?.reason },
  };
  return Object.fromEntries(exportColumns.map((name) => [name, row[name] ?? '']));
}
