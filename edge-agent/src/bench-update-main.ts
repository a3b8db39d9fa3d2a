/**
 * A board that updates, without a camera: a child process with a message channel. It enrols with the claim that it is given and waits for what it
 * is told to run: link, trust, transfer, journal, releases on the disk, self-test and loading are those of the agent.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Claim, seededRandom } from '@pomona/wire';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { openReleaseFolder } from './adapters/release-folder.ts';
import { selfTestRelease } from './adapters/self-test.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { openUpdateJournal } from './adapters/update-journal.ts';
import { enrolSimulated } from './sim-enrol.ts';
import { SimStation } from './sim-station.ts';
import { wait } from './use-cases/scheduler.ts';

const pollMs = 10;
const [claim] = (await once(process, 'message')) as [Claim];
const folder = mkdtempSync(join(tmpdir(), 'pomona-update-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const ending = new AbortController();
process.once('disconnect', () => ending.abort());
const fail = (code: string, message: string): never => {
  throw new Error(`${code}: ${message}`);
};
const random = seededRandom(process.pid, 'update');
const own = await enrolSimulated(claim, 0, random, ending.signal, (message) => fail('enrolment', message));
const station = new SimStation({
  ...{ ...own, folder, random, version: 'bench', onTrouble: fail },
  board: {
    journal: openUpdateJournal({
      ...{ dataDir: folder, desiredKeyPem: own.identity.desiredKeyPem, boot: '0123456789abcdef' },
      onMovedAside: (to) => fail('journal-damaged', to),
    }),
    store: openReleaseFolder(folder),
    selfTest: selfTestRelease,
    warm: async (release) => (await loadOnnxModel(release)).release(),
  },
});
await station.start();
while (!station.isUp) await wait(systemScheduler, pollMs, ending.signal);
process.send?.('ready');
if (!ending.signal.aborted) await once(ending.signal, 'abort');
await station.stop();
