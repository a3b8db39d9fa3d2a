/** A control plane that is killed while it trains knows at its next start that the training died with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { type Running, runCli, startCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

it('fails at its start the job that it ran when it was killed, and takes up the next', async () => {
  const data = join(temporaryFolder(), 'killed');
  const drawn = await runCli(['dataset', 'draw', '--name', 'few', '--fruits', '30', '--data', data]);
  expect(drawn.code, drawn.stderr).toBe(0);
  let up = await startServer(data);
  try {
    const [first, second] = [await train(up, data), await train(up, data)];
    await until(async () => (await find(up, data, first.id)).epochs.length > 0);
    // Without its control plane the training program ends at the next line that it has to say.
    up.kill('SIGKILL');
    await up.finished;
    up = await startServer(data);
    expect(await find(up, data, first.id)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('its process ended without a word'),
    });
    await until(async () => (await find(up, data, second.id)).state === 'running');
  } finally {
    up.kill('SIGINT');
    await up.finished;
  }
}, 120_000);

async function startServer(data: string): Promise<Running> {
  const ports = ['--http-port', '0', '--device-port', '0', '--mqtt-port', '0'];
  const up = startCli(['up', '--data', data, ...ports]);
  await up.until(/Ctrl-C stops it/);
  return up;
}

const train = (up: Running, data: string) =>
  call(up, data, '/v1/jobs/train', { dataset: 'few', name: 'apples', epochs: 10_000 });
const find = (up: Running, data: string, id: number) => call(up, data, `/v1/jobs/${id}`);

async function call(up: Running, data: string, path: string, body?: object): Promise<JobView> {
  const [url] = up.stdout().match(/http:\/\/[^\s/]+/) ?? up.stderr().match(/http:\/\/[^\s/]+/)!;
  const token = readFileSync(join(data, 'cli-token'), 'utf8').trim();
  const answer = await fetch(url + path, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  expect(answer.ok, path).toBe(true);
  return (await answer.json()) as JobView;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
