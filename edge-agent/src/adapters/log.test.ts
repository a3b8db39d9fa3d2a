import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const built = new URL('../../dist/adapters/log.js', import.meta.url).href;
const program = `
  const { createLog } = await import(${JSON.stringify(built)});
  const log = createLog('info', false);
  for (let i = 0; i < 3; i++) log.warn({ i }, 'the disk is full');
  console.log('it goes on');`;
const args = ['--input-type=module', '-e', program];

describe('the log', () => {
  it('is a readable line for each entry', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr.split('\n')[2]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}the disk is full {2}i=2$/);
  });

  it('stops nobody when its disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', full] });
    closeSync(full);
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += text;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toBe('it goes on\n');
  });
});
