/**
 * Appends to an outbox from two threads until it is killed, and prints the name of each record after its append returned.
 * Run as `node outbox-child.js FILE BOOT`.
 */
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { OutboxCounter } from '../adapters/outbox-counter.ts';
import { openOutboxReader, openOutboxWriter } from '../adapters/sqlite-outbox.ts';
import { fruitRecord, healthRecord } from './sample-records.ts';

interface Task {
  readonly file: string;
  readonly boot: string;
  readonly shared: SharedArrayBuffer;
}

if (isMainThread) {
  const [file = '', boot = ''] = process.argv.slice(2);
  const counter = new OutboxCounter();
  const reader = openOutboxReader({ file, boot, counter });
  new Worker(fileURLToPath(import.meta.url), {
    workerData: { file, boot, shared: counter.shared } satisfies Task,
  });
  const writer = openOutboxWriter({ file, counter });
  setInterval(() => {
    for (let i = 0; i < 20; i++) {
      const seq = writer.nextSeq();
      writer.append(healthRecord(seq, boot));
      writeSync(1, `${boot} ${seq}\n`);
    }
    reader.checkpoint();
  }, 1);
} else {
  const { file, boot, shared } = workerData as Task;
  const writer = openOutboxWriter({ file, counter: new OutboxCounter(shared) });
  for (;;) {
    const seq = writer.nextSeq();
    writer.append(fruitRecord(seq, {}, boot));
    writeSync(1, `${boot} ${seq}\n`);
  }
}
