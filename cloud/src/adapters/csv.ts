/** CSV (RFC 4180, with line feeds): the names, then a line per row. What a row does not have stays empty. */
export function csvOf(
  names: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null>>[],
): string {
  return `${names.join()}\n${csvLines(names, rows)}`;
}

/** The lines without the names. */
export function csvLines(
  names: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null>>[],
): string {
  return rows.map((row) => `${names.map((name) => quoted(String(row[name] ?? ''))).join()}\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
