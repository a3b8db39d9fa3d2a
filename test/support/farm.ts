/** A farm as its people have it: a control plane and agents as processes of their own, reached by the CLI and REST only. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, prepareMosquitto, type RunningMosquitto, startMosquitto } from '@pomona/cloud/testing';
import type { ChannelName, Claim, StationView, StoredFruit } from '@pomona/wire';
import { connectAsync, type MqttClient } from 'mqtt';
import { agentProgram, type Running, runCli, start, startCli } from './cli.ts';
import { type LineTruth, type TrueFruit, trueGradeIn } from './line-truth.ts';

const cameraProgram = fileURLToPath(new URL('./camera-main.js', import.meta.resolve('@pomona/orchard')));

export interface FarmOptions {
  readonly data: string;
  /** PostgreSQL in place of SQLite. */
  readonly databaseUrl?: string;
  readonly broker: 'embedded' | 'mosquitto';
}

export interface FarmStation {
  readonly name: string;
  agent: Running;
  readonly folder: string;
  /** Of the agent before this one. */
  bootBefore?: string | undefined;
}

export class Farm {
  readonly #options: FarmOptions;
  readonly #stations = new Map<string, FarmStation>();
  readonly #passwords = new Map<string, string>();
  readonly #readers: MqttClient[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #server: Running | undefined;
  #mosquitto: RunningMosquitto | undefined;
  #url = '';
  #readerUrl = '';
  #caFile = '';

  constructor(options: FarmOptions) {
    const { databaseUrl } = options;
    this.#options = options;
    this.#env = databaseUrl === undefined ? {} : { POMONA_DATABASE_URL: databaseUrl };
  }

  /** Before `start`: Mosquitto learns of its readers when it starts. */
  async addReader(user: string, ...channels: ChannelName[]): Promise<void> {
    const added = await this.cli<{ password: string }>('reader', 'add', user, '--channels', ...channels);
    this.#passwords.set(user, added.password);
  }

  async start(): Promise<void> {
    const { data, broker } = this.#options;
    const [http, device, mqtt, readers] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const elsewhere = broker === 'mosquitto' ? await this.#startMosquitto(mqtt, readers) : [];
    this.#server = startCli(
      [
        ...['up', '--data', data, '--log-level', 'warn', '--http-port', `${http}`],
        ...['--device-port', `${device}`, '--mqtt-port', `${mqtt}`, ...elsewhere],
      ],
      undefined,
      this.#env,
    );
    await this.#server.until(/Ctrl-C stops it/);
    this.#url = `http://127.0.0.1:${http}`;
    const said = (what: RegExp) => what.exec(this.#server?.stdout() ?? '')?.[1] ?? '';
    this.#caFile = said(/^CA +(.+)$/m);
    this.#readerUrl = broker === 'mosquitto' ? `mqtts://localhost:${readers}` : said(/^broker +(.+)$/m);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.endAsync(true)));
    for (const { agent } of this.#stations.values()) agent.kill('SIGTERM');
    await Promise.all([...this.#stations.values()].map(({ agent }) => agent.finished));
    this.#server?.kill('SIGTERM');
    await this.#server?.finished;
    await this.#mosquitto?.stop();
  }

  /** An MQTT client of somebody else's, with the user and the password that `addReader` gave. */
  async connectReader(username: string): Promise<MqttClient> {
    const ca = readFileSync(this.#caFile);
    const password = this.#passwords.get(username) ?? '';
    const reader = await connectAsync(this.#readerUrl, { ca, username, password });
    this.#readers.push(reader);
    return reader;
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
    const { code, stdout, stderr } = await this.#run([...args, '--json']);
    if (code !== 0) throw new Error(`pomona ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** What a command that must fail says. */
  async refusal(...args: readonly string[]): Promise<string> {
    const { code, stderr } = await this.#run(args);
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
    const place = { site: 'test', line, station: name };
    const claim = await this.rest<Claim>('POST', '/v1/stations/claims', place);
    const folder = join(this.#options.data, 'stations', name);
    mkdirSync(folder, { recursive: true });
    this.#writeConfig(folder, { v: 1, ...place, claim, ...config }, camera);
    this.#stations.set(name, { name, folder, agent: this.#startAgent(folder) });
  }

  /** The same board with another camera in front of it, or other fruit; `config` changes the rest. */
  async changeCamera(name: string, camera: readonly string[], config: object = {}): Promise<void> {
    const station = this.#stationOf(name);
    station.agent.kill('SIGTERM');
    await station.agent.finished;
    const { claim: _used, ...before } = JSON.parse(
      readFileSync(join(station.folder, 'station.json'), 'utf8'),
    );
    this.#writeConfig(station.folder, { ...before, ...config }, camera);
    await this.#startAgain(station);
  }

  /** Ends the agent as a crash of it would, and starts it again as its service manager would. */
  async crashAgent(name: string): Promise<void> {
    const station = this.#stationOf(name);
    station.agent.kill('SIGKILL');
    await station.agent.finished;
    await this.#startAgain(station);
  }

  stationView(name: string): Promise<StationView> {
    return this.rest<StationView>('GET', `/v1/stations/${name}`);
  }

  /** What passed the camera of the station since its agent was started; none before the station has told of that boot. */
  async truthOf(name: string): Promise<LineTruth> {
    const { folder, bootBefore } = this.#stationOf(name);
    const { boot = '' } = (await this.stationView(name)).reported ?? {};
    if (boot === bootBefore) return { boot, fruits: [] };
    const text = readFileSync(join(folder, 'truth.jsonl'), 'utf8');
    const fruits = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as TrueFruit);
    return { boot, fruits };
  }

  /**
   * Share of right grades among the newest fruits that the release graded, and how many those are. What was late or hardly
   * seen has the recipe's default grade, which says how busy this machine is and nothing of the release; `gradedShare` is
   * how much was neither.
   */
  async accuracyOf(
    name: string,
    releaseDigest: string,
  ): Promise<{ fruits: number; accuracy: number; gradedShare: number }> {
    const stored = await this.rest<StoredFruit[]>('GET', `/v1/fruits?station=${name}&limit=300`);
    const truth = await this.truthOf(name);
    const own = stored.filter(({ boot, releaseDigest: by }) => boot === truth.boot && by === releaseDigest);
    const graded = own.filter(({ outcome }) => outcome === 'graded');
    const pairs = graded
      .map((fruit) => ({ grade: fruit.grade, true: trueGradeIn(truth, fruit) }))
      .filter((pair) => pair.true !== undefined);
    const right = pairs.filter((pair) => pair.grade === pair.true).length;
    return {
      fruits: pairs.length,
      accuracy: right / Math.max(1, pairs.length),
      gradedShare: graded.length / Math.max(1, own.length),
    };
  }

  #stationOf(name: string): FarmStation {
    const station = this.#stations.get(name);
    if (station === undefined) throw new Error(`the farm has no station ${name}`);
    return station;
  }

  #run(args: readonly string[]): ReturnType<typeof runCli> {
    return runCli([...args, '--data', this.#options.data], undefined, this.#env);
  }

  /** Returns what `pomona up` is told of it. */
  async #startMosquitto(port: number, readerPort: number): Promise<string[]> {
    const folder = join(this.#options.data, 'broker');
    const ports = ['--port', `${port}`, '--reader-port', `${readerPort}`];
    const hosts = ['--hosts', 'localhost', '127.0.0.1'];
    const { brokerUrl } = await this.cli<{ brokerUrl: string }>(
      ...['broker', 'mosquitto', '--out', folder, ...hosts, ...ports],
    );
    prepareMosquitto(folder, this.#passwords);
    this.#mosquitto = await startMosquitto(folder, port);
    return ['--broker-url', brokerUrl];
  }

  #writeConfig(folder: string, config: object, camera: readonly string[]): void {
    const truth = join(folder, 'truth.jsonl');
    writeFileSync(truth, '');
    const written = {
      // A machine that is busy with everything at once is late now and then; the first release must not fail for it.
      probation: { soakS: 3, missedShareMax: 0.9, unseenShareMax: 0.9 },
      ...config,
      dataDir: join(folder, 'data'),
      camera: { kind: 'command', command: [process.execPath, cameraProgram, '--truth', truth, ...camera] },
      gate: { kind: 'log', file: join(folder, 'gate.jsonl') },
      // Far enough that a fast belt leaves time to decide.
      geometry: { gateDistanceMm: 1_500 },
      healthIntervalS: 2,
    };
    writeFileSync(join(folder, 'station.json'), JSON.stringify(written), { mode: 0o600 });
  }

  async #startAgain(station: FarmStation): Promise<void> {
    station.bootBefore = (await this.stationView(station.name)).reported?.boot;
    station.agent = this.#startAgent(station.folder);
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
