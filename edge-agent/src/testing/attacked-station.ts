/**
 * A station whose network belongs to somebody else: the real journal, folder, transfer and trust of an agent, a control
 * plane with keys of its own, and between them whatever an attack makes of files, chunks and messages.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf,
  generateSigningKey,
  openDesired,
  openTrustRepository,
  signDesired,
  TrustedReleases,
  type TrustRepository,
} from '@pomona/release';
import {
  type Desired,
  decodeChunk,
  encodeChunk,
  isAppError,
  type ReleaseRef,
  seededRandom,
} from '@pomona/wire';
import { openReleaseFolder } from '../adapters/release-folder.ts';
import { openUpdateJournal } from '../adapters/update-journal.ts';
import { UpdateRunner } from '../use-cases/run-updates.ts';
import { TransferClient } from '../use-cases/transfer.ts';
import type { SelfTest } from '../use-cases/update-ports.ts';
import { ChunkServer } from './chunk-server.ts';
import { sampleBoot } from './sample-records.ts';
import { type SampleRelease, sampleAddress, sampleDesired } from './sample-release.ts';
import { VirtualTime } from './virtual-time.ts';

const restingStates = ['active', 'failed', 'rolled-back'];

export class AttackedStation {
  readonly time = new VirtualTime();
  readonly server = new ChunkServer();
  readonly desiredKey = generateSigningKey();
  readonly runs: number[] = [];
  /** Of chunks and desired states that were refused at the door. */
  readonly rejected: string[] = [];
  readonly dataDir: string;
  selfTest: SelfTest = async () => ({ ok: true, msPerView: 1, reason: '' });
  /** What the network makes of a file of metadata. */
  metadata: (name: string, bytes: Buffer | undefined) => Uint8Array | undefined = (_, bytes) => bytes;
  readonly #folder: string;
  #trust: TrustRepository | undefined;
  #rootJson = '';
  #runner: UpdateRunner | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.dataDir = join(folder, 'station');
  }

  /** The control plane's folder, as whoever stole a copy of it has it. */
  openTrust(folder = join(this.#folder, 'server')): Promise<TrustRepository> {
    return openTrustRepository({
      folder: join(folder, 'trust'),
      keysFolder: join(folder, 'keys'),
      clock: this.time,
    });
  }

  async start(): Promise<UpdateRunner> {
    mkdirSync(this.dataDir, { recursive: true });
    this.#trust ??= await this.openTrust();
    this.#rootJson ||= this.#trust.rootJson();
    const transfer = new TransferClient({
      link: { isUp: () => true, send: (channel, bytes) => this.server.send(channel, bytes) },
      scheduler: this.time,
      random: seededRandom(1),
      boot: sampleBoot,
      nextSeq: () => 0,
      onRejected: (_, cause) => this.rejected.push(cause),
    });
    this.server.deliver = (sent) => {
      const chunk = decodeChunk(encodeChunk(sent));
      if (chunk) transfer.accept(chunk);
    };
    const runner = new UpdateRunner({
      journal: openUpdateJournal({
        dataDir: this.dataDir,
        desiredKeyPem: this.desiredKey.publicKeyPem,
        boot: sampleBoot,
        onMovedAside: (to) => this.rejected.push(to),
      }),
      transfer,
      store: openReleaseFolder(this.dataDir),
      findManifest: async (release, signal) => {
        const trust = new TrustedReleases({
          folder: join(this.dataDir, 'trust'),
          rootJson: this.#rootJson,
          nowMs: () => this.time.nowMs(),
          fetchFile: async (path, bytesMax) => {
            await this.#offer(path);
            return transfer.fetchFile(path, bytesMax, signal);
          },
        });
        return (await trust.findManifest(release)).bytes;
      },
      selfTest: (variant) => this.selfTest(variant),
      line: {
        run: async ({ ref }) => void this.runs.push(ref.version),
        setRecipe: async () => undefined,
        proof: () => ({
          crashes: 0,
          hangs: 0,
          frames: 100,
          fruits: 100,
          missedDeadlines: 0,
          unseen: 0,
          unusableViews: 0,
        }),
      },
      probation: { soakS: 2, fruits: 50, missedShareMax: 0.1, unseenShareMax: 0.5 },
      scheduler: this.time,
      random: seededRandom(2),
      onChange: () => undefined,
      onTrouble: (code) => this.rejected.push(code),
    });
    this.#runner = runner;
    await runner.load();
    await runner.start();
    return runner;
  }

  async publish(
    { manifest, blobs, ref }: SampleRelease,
    as: Pick<ReleaseRef, 'name' | 'version'> = ref,
    trust?: TrustRepository,
  ): Promise<void> {
    for (const [digest, bytes] of blobs) this.server.files.set(`blobs/${digest}`, bytes);
    this.server.files.set(`blobs/${digestOf(manifest)}`, manifest);
    await (trust ?? this.#trust)!.publishManifest(as, manifest);
  }

  /** What comes of a desired state: the update's state and reason, or why it was refused at the door. */
  async desire(counter: number, release: ReleaseRef, change: Partial<Desired> = {}): Promise<string> {
    return this.receive(signDesired({ ...sampleDesired(counter, release), ...change }, this.desiredKey));
  }

  async receive(envelope: Parameters<typeof openDesired>[0]): Promise<string> {
    const runner = this.#runner!;
    const counterMin = runner.state.desired?.counter ?? 0;
    try {
      const expectation = { address: sampleAddress, counterMin };
      void runner.desired(openDesired(envelope, this.desiredKey.publicKeyPem, expectation));
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.code;
    }
    for (let turn = 0; turn < 1_500; turn++) {
      // Virtual time waits for nobody: files and hashes get a little of the real one.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const isWaiting = runner.state.update.state === 'probation' || turn > 200;
      await this.time.advance(isWaiting ? 500 : 1);
      const { update, desired } = runner.state;
      if ((desired?.counter ?? 0) > counterMin && restingStates.includes(update.state))
        return 'reason' in update ? `${update.state}: ${update.reason}` : update.state;
    }
    return `still ${runner.state.update.state}`;
  }

  /** Lets the station try again by itself until what it wants is active; gives up after an hour of its time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 1_200 && this.#runner?.state.update.state !== 'active'; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await this.time.advance(3_000);
    }
  }

  stop(): Promise<void> {
    const stopped = this.#runner?.stop();
    return stopped ?? Promise.resolve();
  }

  async #offer(path: string): Promise<void> {
    if (!path.startsWith('metadata/')) return;
    const name = path.slice('metadata/'.length);
    const bytes = this.metadata(name, await this.#trust!.readMetadata(name));
    if (bytes) this.server.files.set(path, bytes);
    else this.server.files.delete(path);
  }
}
