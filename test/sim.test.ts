/** Simulated stations against a real control plane: what the benches and `pomona sim` stand on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, startCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peerValue: number | null;
  readonly ratio: number | null;
}

it('brings a fleet its release and keeps every fruit of it', async () => {
  const { code, stdout, stderr } = await runCli([
    ...['bench', 'fleet', '--stations', '5', '--seconds', '1', '--json'],
  ]);
  expect(code, stderr).toBe(0);
  const { bench, rows } = JSON.parse(stdout) as { bench: string; rows: readonly Row[] };
  expect(bench).toBe('fleet');
  const row = (start: string) => rows.find(({ name }) => name.startsWith(start))!;
  expect(row('stations connected per second').ratio).toBeGreaterThan(0);
  expect(row('desired state to 5').value).toBeGreaterThan(0);
  const lost = row('fruits lost of');
  expect(lost.value).toBe(0);
  expect(Number(/of (\d+) at/.exec(lost.name)![1])).toBeGreaterThan(100);
}, 60_000);

it('ends its stations and then itself when it is interrupted, however long it would still grade', async () => {
  const fleet = startCli(['bench', 'fleet', '--stations', '2', '--seconds', '600']);
  await fleet.until(/grading for 600 s/);
  const { pid } = fleet.child;
  const stations = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  fleet.kill('SIGTERM');
  const { code, stderr } = await fleet.finished;
  expect([code, stderr.trim().split('\n').at(-1)]).toEqual([130, 'stopped']);
  expect(() => process.kill(stations, 0)).toThrow(/ESRCH/);
}, 60_000);

it('simulates stations that a control plane lists, and says what they did when it is interrupted', async () => {
  const data = join(temporaryFolder(), 'sim');
  const ports = ['--http-port', '0', '--device-port', '0', '--mqtt-port', '0'];
  const up = startCli(['up', '--data', data, ...ports]);
  await up.until(/Ctrl-C stops it/);
  const sim = startCli(['sim', '--data', data, '--stations', '3', '--json']);
  await sim.until(/all are connected/);
  const listed = await runCli(['station', 'list', '--data', data, '--json']);
  const states = (JSON.parse(listed.stdout) as { status: { state: string } | null }[]).map(
    ({ status }) => status?.state,
  );
  expect(states).toEqual(['online', 'online', 'online']);
  sim.kill('SIGINT');
  const { code, stdout } = await sim.finished;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ stations: 3, enrolled: 3, connected: 3, made: 0 });
  up.kill('SIGINT');
  await up.finished;
}, 60_000);
