import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openSealer } from './secret-sealer.ts';

const folder = mkdtempSync(join(tmpdir(), 'pomona-sealer-'));
const path = join(folder, 'keys', 'webhooks.key');
afterAll(() => rmSync(folder, { recursive: true }));

it('opens what it sealed, also after a restart, and never seals the same twice alike', async () => {
  const sealer = await openSealer(path);
  const [one, two] = [sealer.seal('schlüssel', 'a'), sealer.seal('schlüssel', 'a')];
  expect(one).not.toBe(two);
  expect([sealer.isSealed(one), sealer.isSealed('schlüssel')]).toEqual([true, false]);
  const again = await openSealer(path);
  expect([again.open(one, 'a'), again.open(two, 'a')]).toEqual(['schlüssel', 'schlüssel']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700);
});

it('opens nothing that was changed, cut, moved to another place or sealed with another key', async () => {
  const sealer = await openSealer(path);
  const sealed = sealer.seal('secret', 'a');
  const changed = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`;
  for (const text of [changed, sealed.slice(0, 30), 'secret', ''])
    expect(() => sealer.open(text, 'a'), text).toThrow(
      expect.objectContaining({ code: 'secret-unreadable' }),
    );
  expect(() => sealer.open(sealed, 'b')).toThrow(/another key/);
  const other = await openSealer(join(folder, 'other.key'));
  expect(() => other.open(sealed, 'a')).toThrow(/another key/);
});

it('refuses a key of another length, and leaves it as it is', async () => {
  const damaged = join(folder, 'damaged.key');
  writeFileSync(damaged, 'short');
  await expect(openSealer(damaged)).rejects.toMatchObject({ code: 'secret-unreadable' });
  expect(readFileSync(damaged, 'utf8')).toBe('short');
});
