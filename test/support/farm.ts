/** A farm as its people have it: a control plane and agents as processes of their own, reached by the CLI and REST only. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Claim, StoredFruit } from '@pomona/wire';
import { agentProgram, type Running, runCli, start, startCli } from './cli.ts';

const cameraProgram = fileURLToPath(new URL('./camera-main.js', import.meta.resolve('@pomona/orchard')));

export interface FarmOptions {
  readonly data: string;
  /** More options of `pomona up`. */
  readonly up?: readonly string[];
}

export interface FarmStation {
  readonly name: string;
  agent: Running;
  readonly folder: string;
}

interface TrueFruit {
  readonly lane: number;
  readonly positionMm: number;
  readonly grade: string;
}

export class Farm {
  readonly #options: FarmOptions;
  readonly #stations = new Map<string, FarmStation>();
  #server: Running | undefined;
  #url = '';

  constructor(options: FarmOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    const { data, up = [] } = this.#options;
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const flags = ['--http-port', '--device-port', '--mqtt-port'].flatMap((flag, i) => [flag, `${ports[i]}`]);
    this.#server = startCli(['up', '--data', data, '--log-level', 'warn', ...flags, ...up]);
    await this.#server.until(/Ctrl-C stops it/);
    this.#url = `http://127.0.0.1:${ports[0]}`;
  }

  async stop(): Promise<void> {
    for (const { agent } of this.#stations.values()) agent.kill('SIGTERM');
    await Promise.all([...this.#stations.values()].map(({ agent }) => agent.finished));
    this.#server?.kill('SIGTERM');
    await this.#server?.finished;
  }

  /** The last words of the control plane and of each agent, for the message of a test that fails. */
  lastWords(): string {
    const agents = [...this.#stations.values()].map(
      ({ name, agent }) => `${name}:\n${agent.stderr().slice(-1500)}`,
    );
    return [`control plane:\n${this.#server?.stderr().slice(-3000)}`, ...agents].join('\n\n');
  }

  /** Runs a command and gives what it reports with `--json`. */
  async cli<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await runCli([...args, '--data', this.#options.data, '--json']);
    if (code !== 0) throw new Error(`pomona ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** What a command that must fail says. */
  async refusal(...args: readonly string[]): Promise<string> {
    const { code, stderr } = await runCli([...args, '--data', this.#options.data]);
    if (code !== 1)
      throw new Error(`pomona ${args.join(' ')} ended with ${code}, 1 was expected:\n${stderr}`);
    return stderr;
  }

  async rest<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
    const token = readFileSync(join(this.#options.data, 'cli-token'), 'utf8').trim();
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async addStation(
    name: string,
    line: string,
    camera: readonly string[],
    config: object = {},
  ): Promise<void> {
    const claim = await this.cli<Claim>('station', 'enrol', `test/${line}/${name}`);
    const folder = join(this.#options.data, 'stations', name);
    mkdirSync(folder, { recursive: true });
    this.#writeConfig(folder, { v: 1, site: 'test', line, station: name, claim, ...config }, camera);
    this.#stations.set(name, { name, folder, agent: this.#startAgent(folder) });
  }

  /** The same board with another camera in front of it, or other fruit. */
  async changeCamera(name: string, camera: readonly string[]): Promise<void> {
    const station = this.#stationOf(name);
    station.agent.kill('SIGTERM');
    await station.agent.finished;
    const { claim: _used, ...config } = JSON.parse(
      readFileSync(join(station.folder, 'station.json'), 'utf8'),
    );
    this.#writeConfig(station.folder, config, camera);
    station.agent = this.#startAgent(station.folder);
  }

  /** What passed the camera of the station since its agent was started. */
  truthOf(name: string): TrueFruit[] {
    const text = readFileSync(join(this.#stationOf(name).folder, 'truth.jsonl'), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as TrueFruit);
  }

  /** The true grade of a fruit of the present boot; undefined for one that the camera does not know. */
  trueGradeOf(
    name: string,
    fruit: { readonly lane: number; readonly positionMm: number },
  ): string | undefined {
    return this.truthOf(name).find(
      ({ lane, positionMm }) => lane === fruit.lane && Math.abs(positionMm - fruit.positionMm) < 30,
    )?.grade;
  }

  /** Share of right grades among the newest fruits that the release graded, and how many those are. */
  async accuracyOf(name: string, releaseDigest: string): Promise<{ fruits: number; accuracy: number }> {
    const stored = await this.rest<StoredFruit[]>('GET', `/v1/fruits?station=${name}&limit=300`);
    const boot = stored[0]?.boot;
    const truth = this.truthOf(name);
    let right = 0;
    let fruits = 0;
    for (const fruit of stored) {
      if (fruit.boot !== boot || fruit.releaseDigest !== releaseDigest) continue;
      const match = truth.find(
        ({ lane, positionMm }) => lane === fruit.lane && Math.abs(positionMm - fruit.positionMm) < 30,
      );
      if (match === undefined) continue;
      fruits++;
      if (match.grade === fruit.grade) right++;
    }
    return { fruits, accuracy: fruits === 0 ? 0 : right / fruits };
  }

  #stationOf(name: string): FarmStation {
    const station = this.#stations.get(name);
    if (station === undefined) throw new Error(`the farm has no station ${name}`);
    return station;
  }

  #writeConfig(folder: string, config: object, camera: readonly string[]): void {
    const truth = join(folder, 'truth.jsonl');
    writeFileSync(truth, '');
    const written = {
      ...config,
      dataDir: join(folder, 'data'),
      camera: { kind: 'command', command: [process.execPath, cameraProgram, '--truth', truth, ...camera] },
      gate: { kind: 'log', file: join(folder, 'gate.jsonl') },
      geometry: {},
      healthIntervalS: 2,
      // A machine that is busy with everything at once is late now and then; the first release must not fail for it.
      probation: { soakS: 5, missedShareMax: 0.9, unseenShareMax: 0.9 },
    };
    writeFileSync(join(folder, 'station.json'), JSON.stringify(written), { mode: 0o600 });
  }

  #startAgent(folder: string): Running {
    return start(agentProgram, ['run', '--config', join(folder, 'station.json')]);
  }
}

/** Asks until the answer is good; what it waits for happens in other processes. */
export async function until<T>(
  what: string,
  withinS: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + withinS * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`within ${withinS} s it did not happen that ${what}`);
    await pause(500);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
