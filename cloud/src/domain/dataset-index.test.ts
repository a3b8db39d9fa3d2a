import type { AppError } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { parseDatasetIndex } from './dataset-index.ts';

function refusal(text: string): string {
  try {
    parseDatasetIndex(text, 'photos/index.csv');
  } catch (error) {
    expect((error as AppError).code).toBe('dataset-index-invalid');
    return (error as AppError).message;
  }
  return 'accepted';
}

describe('an index of photographs', () => {
  it('is read whatever the order, case, quoting and line ends of its columns', () => {
    const text =
      '\ufeffSession,Path, Grade ,note\r\n2019,"good/a, b.jpg", Good ,x\r\n\r\n2020,.\\bad\\c.jpg,bad,\r\n';
    expect(parseDatasetIndex(text, 'index.csv')).toEqual([
      { path: 'good/a, b.jpg', grade: 'good', group: '2019' },
      { path: 'bad/c.jpg', grade: 'bad', group: '2020' },
    ]);
  });

  it('is read with the semicolons of a spreadsheet, and names columns as the file does', () => {
    const text = '\ufeffpath;grade;session;source\r\ngood/a.jpg;good;7;"box 3, left"\r\n';
    expect(parseDatasetIndex(text, 'index.csv')).toEqual([
      { path: 'good/a.jpg', grade: 'good', group: '7', about: { source: 'box 3, left' } },
    ]);
    expect(refusal('path,grade,lot,Captured_At\na.jpg,good,1,yesterday')).toBe(
      'photos/index.csv:2, column captured_at: yesterday is no time, such as 2026-10-03T14:05:00Z',
    );
  });

  it('is read with tabs, mixed line ends and rows of a spreadsheet that hold nothing', () => {
    const text = 'path\tgrade\tsession\r\na.jpg\tgood\t1\nb.jpg\tbad\t2\r\n\t\t\r\n \t\t\n';
    expect(parseDatasetIndex(text, 'index.csv')).toEqual([
      { path: 'a.jpg', grade: 'good', group: '1' },
      { path: 'b.jpg', grade: 'bad', group: '2' },
    ]);
  });

  it.each(['group', 'session', 'lot', 'fruit'])('takes %s as the grouping column', (name) => {
    expect(parseDatasetIndex(`path,grade,${name}\na.jpg,good,7`, 'index.csv')[0]?.group).toBe('7');
  });

  it.each([
    ['', 'photos/index.csv:1, column path: there is no such column, only none'],
    ['path,grade,lot,Lot\na.jpg,good,1,2', 'photos/index.csv:1, column lot: the column is there twice'],
    [
      'path,grade,lot\na.jpg,good,1\n./a.jpg,good,2',
      'photos/index.csv:3, column lot: a.jpg is of 1 further up, and of 2 here',
    ],
    [
      Buffer.from('path,grade,lot\na.jpg,good,1\n\xe4.jpg,good,1', 'latin1').toString(),
      'photos/index.csv:3: it is not UTF-8: save it as “CSV UTF-8”',
    ],
    [
      Buffer.from('\ufeffpath,grade,lot\na.jpg,good,1', 'utf16le').toString(),
      'photos/index.csv:1: it is not UTF-8: save it as “CSV UTF-8”',
    ],
    [
      'path,session\na.jpg,1',
      'photos/index.csv:1, column grade: there is no such column, only path, session',
    ],
    [
      'path,grade\na.jpg,good',
      'photos/index.csv:1, column group|session|lot|fruit: none of these columns is there',
    ],
    ['path,grade,lot\na.jpg,good,1\nb.jpg,,2', 'photos/index.csv:3, column grade: it is empty'],
    ['path,grade,lot\na.jpg,good,', 'photos/index.csv:2, column lot: it is empty'],
    ['path,grade,lot\n../a.jpg,good,1', 'photos/index.csv:2, column path: ../a.jpg is not inside the folder'],
    [
      'path,grade,lot\n/etc/passwd,good,1',
      'photos/index.csv:2, column path: /etc/passwd is not inside the folder',
    ],
    [
      'path,grade,lot\nx\\..\\..\\a,good,1',
      'photos/index.csv:2, column path: x/../../a is not inside the folder',
    ],
    [
      'path,grade,lot\nC:\\a.jpg,good,1',
      'photos/index.csv:2, column path: C:/a.jpg is not inside the folder',
    ],
  ])('is refused where it is wrong: %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each([
    ['2026-10-03', '2026-10-03T00:00:00.000Z'],
    ['2026-10-03T14:05', '2026-10-03T14:05:00.000Z'],
    ['2026-10-03T14:05:06', '2026-10-03T14:05:06.000Z'],
    ['2026-10-03T14:05:06.789Z', '2026-10-03T14:05:06.789Z'],
    ['2026-10-03T16:05:00+02:00', '2026-10-03T14:05:00.000Z'],
  ])('takes the time %s for %s', (text, at) => {
    const [row] = parseDatasetIndex(`path,grade,lot,captured_at\na.jpg,good,1,${text}`, 'index.csv');
    expect(row?.about?.capturedAt).toBe(at);
  });

  it.each([
    ...['10/3/2026', '3 Oct 2026', '2026', '2026-10-03Z', '2026-10-03 14:05', '2026-02-30', '2026-13-01'],
    ...['2026-10-03T24:00', '2026-10-03T14:05:00+25:00', '2026-10-03T14:05:00+0200', '1790000000'],
  ])('refuses the time %s', (text) => {
    expect(refusal(`path,grade,lot,captured_at\na.jpg,good,1,${text}`)).toBe(
      `photos/index.csv:2, column captured_at: ${text} is no time, such as 2026-10-03T14:05:00Z`,
    );
  });

  it('is refused with its line when it is not CSV', () => {
    expect(refusal('path,grade,lot\na.jpg,good,1\nb.jpg,bad\n')).toMatch(/^photos\/index\.csv:3: /);
    expect(refusal('path,grade,lot\n"a.jpg,good,1\n')).toMatch(/^photos\/index\.csv:\d+: /);
  });
});
