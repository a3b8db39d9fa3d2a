/** The one station of `bench line`: a whole agent that grades what a film shows, told by V8 of its pauses for garbage. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentEnvironment, agentNodeFlags } from '@pomona/firmware-config';
import type { LineGeometry } from '@pomona/grading';
import type { Claim, StationAddress } from '@pomona/wire';
import { agentProgram } from './agent.ts';
import { checkAgentAlive, endAgent } from './agent-process.ts';
import type { FilmCamera } from './bench-film-main.ts';
import { GcTrace } from './gc-trace.ts';

export interface LineStationOptions {
  readonly address: StationAddress;
  readonly folder: string;
  readonly dataDir: string;
  readonly geometry: LineGeometry;
  readonly filmFile: string;
  readonly framesPerS: number;
  readonly emptyFrames: number;
}

const cameraProgram = fileURLToPath(new URL('./bench-film-main.js', import.meta.url));

export class LineStation {
  readonly trace = new GcTrace();
  readonly #options: LineStationOptions;
  #child: ChildProcess | undefined;

  constructor(options: LineStationOptions) {
    this.#options = options;
  }

  get logFile(): string {
    return join(this.#options.folder, 'agent.log');
  }

  /** Also again after a stop, with its film from the beginning. */
  async start(claim: Claim): Promise<void> {
    await rm(this.#endFile, { force: true });
    const { folder, dataDir, filmFile, framesPerS, emptyFrames, geometry, address } = this.#options;
    const camera: FilmCamera = {
      ...{ filmFile, framesPerS, emptyFrames },
      ...{ pidFile: this.#pidFile, endFile: this.#endFile },
    };
    const configFile = join(folder, 'station.json');
    const config = {
      ...{ v: 1, ...address, dataDir, claim, geometry, board: 'bench' },
      camera: { kind: 'command', command: [process.execPath, cameraProgram, JSON.stringify(camera)] },
      gate: { kind: 'log', file: join(folder, 'gate.jsonl') },
      healthIntervalS: 2,
      // A release that is swapped in again must be judged soon.
      probation: { soakS: 5 },
    };
    // The claim's token is a secret until it was used.
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
    const log = await open(this.logFile, 'a');
    // Detached: a Ctrl-C in the terminal is ours to pass on. The channel ends the agent should this process die.
    const child = spawn(
      process.execPath,
      ['--trace-gc', ...agentNodeFlags, agentProgram, 'run', '--config', configFile],
      {
        stdio: ['ignore', 'pipe', log.fd, 'ipc'],
        env: { ...agentEnvironment, ...process.env },
        detached: true,
      },
    );
    this.#child = child;
    await once(child, 'spawn');
    await log.close();
    child.stdout!.setEncoding('utf8').on('data', (text: string) => this.trace.push(text));
  }

  /** Error: `agent-ended` when the agent is not running any more. */
  checkAlive(): void {
    checkAgentAlive(this.#child, this.#options.address.station, this.logFile);
  }

  /** As a cable that is pulled: the agent starts its camera again. */
  killCamera(): void {
    if (existsSync(this.#pidFile)) process.kill(Number(readFileSync(this.#pidFile, 'utf8')), 'SIGKILL');
  }

  /** Fruit that is in view is not graded any more; what was graded can travel. */
  async endFilm(): Promise<void> {
    await writeFile(this.#endFile, '');
  }

  stop(): Promise<void> {
    return endAgent(this.#child);
  }

  get #pidFile(): string {
    return join(this.#options.folder, 'camera.pid');
  }

  get #endFile(): string {
    return join(this.#options.folder, 'film-is-over');
  }
}
