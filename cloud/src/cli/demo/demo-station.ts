/** One station of the demo: its configuration, its claim, its agent process and the truth of its line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentEnvironment, agentNodeFlags, type OperatorPageConfig } from '@pomona/firmware-config';
import { makeFolder } from '@pomona/release';
import { type Claim, type StationAddress, systemErrorCode } from '@pomona/wire';
import { agentProgram } from '../agent.ts';
import { checkAgentAlive, endAgent } from '../agent-process.ts';
import type { TrueFruit } from './score-line.ts';

const cameraProgram = fileURLToPath(new URL('./camera-main.js', import.meta.resolve('@pomona/orchard')));

export interface DemoStationOptions {
  readonly address: StationAddress;
  /** Everything of this station is below it. */
  readonly folder: string;
  readonly cameraArguments: readonly string[];
  /** Fruits that are judged together for drift. */
  readonly windowFruits: number;
  readonly operatorPage: OperatorPageConfig;
}

export class DemoStation {
  readonly address: StationAddress;
  readonly #options: DemoStationOptions;
  #child: ChildProcess | undefined;

  constructor(options: DemoStationOptions) {
    this.address = options.address;
    this.#options = options;
  }

  get logFile(): string {
    return join(this.#options.folder, 'agent.log');
  }

  get #truthFile(): string {
    return join(this.#options.folder, 'truth.jsonl');
  }

  get #scenarioFile(): string {
    return join(this.#options.folder, 'scenario-begun');
  }

  get #dataFolder(): string {
    return join(this.#options.folder, 'data');
  }

  /** True when the agent has its certificate from an earlier run. */
  get isEnrolled(): boolean {
    return existsSync(join(this.#dataFolder, 'identity', 'identity.json'));
  }

  /** Forgets the board, as if new hardware served the station. */
  async replaceBoard(): Promise<void> {
    await rm(this.#dataFolder, { recursive: true, force: true });
  }

  /** Whatever scenario its camera was given. */
  async beginScenario(): Promise<void> {
    await writeFile(this.#scenarioFile, '');
  }

  async start(claim: Claim | undefined): Promise<void> {
    await makeFolder(this.#options.folder);
    await rm(this.#truthFile, { force: true });
    await rm(this.#scenarioFile, { force: true });
    const configFile = join(this.#options.folder, 'station.json');
    // The claim's token is a secret until it was used.
    await writeFile(configFile, JSON.stringify(this.#config(claim), null, 2), { mode: 0o600 });
    const log = await open(this.logFile, 'a');
    // Detached: a Ctrl-C in the terminal is ours to pass on. The channel ends the agent should this process die.
    const child = spawn(process.execPath, [...agentNodeFlags, agentProgram, 'run', '--config', configFile], {
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      env: { ...agentEnvironment, ...process.env },
      detached: true,
    });
    this.#child = child;
    await once(child, 'spawn');
    await log.close();
  }

  /** Error: `agent-ended` when the agent is not running any more. */
  checkAlive(): void {
    checkAgentAlive(this.#child, this.address.station, this.logFile);
  }

  stop(): Promise<void> {
    return endAgent(this.#child);
  }

  /** What has left the camera's view since the start, in order. A last line that is still being written is left out. */
  async readTruth(): Promise<TrueFruit[]> {
    try {
      const text = await readFile(this.#truthFile, 'utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      return whole
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as TrueFruit);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /** Of the page at the line. */
  get pageUrl(): string {
    const { host, port } = this.#options.operatorPage;
    return `http://${host}:${port}`;
  }

  #config(claim: Claim | undefined): object {
    const { address, folder, cameraArguments, windowFruits, operatorPage } = this.#options;
    return {
      v: 1,
      ...address,
      dataDir: this.#dataFolder,
      ...(claim === undefined ? {} : { claim }),
      camera: {
        kind: 'command',
        command: [
          ...[process.execPath, cameraProgram, '--truth', this.#truthFile],
          ...['--scenario-when', this.#scenarioFile, ...cameraArguments],
        ],
      },
      gate: { kind: 'log', file: join(folder, 'gate.jsonl') },
      healthIntervalS: 2,
      // A machine that is busy with everything at once is late now and then; the first release must not fail for it.
      probation: { soakS: 5, missedShareMax: 0.9, unseenShareMax: 0.9 },
      statistics: { windowFruits },
      operatorPage,
      board: 'demo',
    };
  }
}
