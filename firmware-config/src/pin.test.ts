import { describe, expect, it } from 'vitest';
import { hashPin, isPin, pinHashPattern } from './pin.ts';

describe('a PIN', () => {
  it('is known again by its hash, which is another one each time and does not hold it', async () => {
    const [hash, other] = await Promise.all([hashPin('482913'), hashPin('482913')]);
    expect(hash).toMatch(new RegExp(pinHashPattern));
    expect(hash).not.toContain('482913');
    expect(other).not.toBe(hash);
    expect(await isPin(hash, '482913')).toBe(true);
    for (const wrong of ['482914', '48291', '', '4829130', 'x'.repeat(10_000)])
      expect(await isPin(hash, wrong)).toBe(false);
  });

  it.each(['123', '1234567890123', '12 34', 'abcd', ''])('is not %j', async (pin) => {
    await expect(hashPin(pin)).rejects.toMatchObject({ code: 'pin-invalid' });
  });
});
