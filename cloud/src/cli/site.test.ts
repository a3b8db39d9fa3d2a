import { describe, expect, it } from 'vitest';
import { capOption, quietHoursOption } from './site.ts';

describe('--quiet-hours', () => {
  it('takes hours with a zone, and none', () => {
    expect(quietHoursOption('06:00-18:00 Europe/Zurich')).toEqual({
      from: '06:00',
      to: '18:00',
      zone: 'Europe/Zurich',
    });
    expect(quietHoursOption('none')).toBe('none');
  });

  it.each(['', '06:00-18:00', '6-18 Europe/Zurich', '24:00-06:00 UTC', '06:00–18:00 UTC'])(
    'refuses "%s"',
    (text) => expect(() => quietHoursOption(text)).toThrow('such as "06:00-18:00 Europe/Zurich"'),
  );
});

describe('--cap', () => {
  it('takes kbit/s, and none', () => {
    expect([capOption('512'), capOption('none')]).toEqual([512, 'none']);
  });

  it.each(['', '31', '1.5', '-1', '64k', '10000001'])('refuses "%s"', (text) => {
    expect(() => capOption(text)).toThrow('or none');
  });
});
