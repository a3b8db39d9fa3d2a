import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatMegabytes,
  formatMs,
  formatPercent,
  formatRate,
  shortDigest,
} from './format.ts';

describe('figures', () => {
  it('groups thousands', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect(formatCount(0)).toBe('0');
  });

  it('says one thing in the singular', () => {
    const said = [0, 1, 1_200].map((count) => formatCounted(count, 'group'));
    expect(said).toEqual(['0 groups', '1 group', '1,200 groups']);
  });

  it('gives rates one digit until they are large', () => {
    expect([0, 4.96, 99.94, 1234.5].map(formatRate)).toEqual(['0.0', '5.0', '99.9', '1,235']);
  });

  it('never rounds a share to all or to nothing that is neither', () => {
    expect([0, 0.0004, 0.0213, 0.9618, 0.9999, 1].map(formatPercent)).toEqual([
      '0 %',
      '< 0.1 %',
      '2.1 %',
      '96.2 %',
      '> 99.9 %',
      '100 %',
    ]);
  });

  it('gives short latencies a digit', () => {
    expect([0, 9.94, 48.7, 1_500].map(formatMs)).toEqual(['0.0 ms', '9.9 ms', '49 ms', '1,500 ms']);
  });

  it('moves on to the next unit before a figure gets four digits', () => {
    expect([0, 999, 999.6, 143_220, 999_600, 1_430_000, 21_400_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '143 kB',
      '1.0 MB',
      '1.4 MB',
      '21.4 GB',
    ]);
    expect(formatMegabytes(182.4)).toBe('182 MB');
  });

  it('shows eight digits of a digest', () => {
    expect(shortDigest('0123456789abcdef')).toBe('01234567');
  });
});

describe('time', () => {
  it('gives a duration in its largest units', () => {
    expect([0, 59.9, 61, 7_300, 90_000].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h 1 min',
      '1 d 1 h',
    ]);
  });

  it('says how long ago, and calls a little in the future now', () => {
    expect([-900, 0, 1_600, 59_999, 60_000, 3_600_000, 200_000_000].map(formatAgo)).toEqual([
      'just now',
      'just now',
      '1 s ago',
      '59 s ago',
      '1 min ago',
      '1 h ago',
      '2 d ago',
    ]);
  });
});
