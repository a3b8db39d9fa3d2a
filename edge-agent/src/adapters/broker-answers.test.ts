import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../testing/virtual-time.ts';
import { BrokerAnswers } from './broker-answers.ts';

/** A client whose broker answers when the test says so. */
class StandInClient extends EventEmitter {
  connected = true;
  pings = 0;

  sendPing(): void {
    this.pings++;
    this.emit('packetsend', { cmd: 'pingreq' });
  }

  answer(): void {
    this.emit('packetreceive', { cmd: 'pingresp' });
  }
}

let time: VirtualTime;
let client: StandInClient;
let silences: number;
let answers: BrokerAnswers;

beforeEach(() => {
  time = new VirtualTime();
  client = new StandInClient();
  silences = 0;
  answers = new BrokerAnswers(client as unknown as MqttClient, {
    scheduler: time,
    silentMs: 500,
    onSilent: () => silences++,
  });
  answers.start();
});

describe('the answers of a broker', () => {
  it('are asked for ten times a second, one at a time', async () => {
    await time.advance(350);
    expect(client.pings).toBe(1);
    expect(answers.owesFor(200)).toBe(true);
    client.answer();
    expect(answers.owesFor(0)).toBe(false);
    await time.advance(100);
    expect(client.pings).toBe(2);
  });

  it('prove what was sent before, in turn, whoever asked', async () => {
    const proven: string[] = [];
    void answers.taken().then(() => proven.push('first'));
    client.sendPing();
    void answers.taken().then(() => proven.push('second'));
    for (const expected of [['first'], ['first'], ['first', 'second']]) {
      client.answer();
      await answers.settled();
      expect(proven).toEqual(expected);
    }
  });

  it('that stay away are silence, told once', async () => {
    await time.advance(2_000);
    expect(silences).toBe(1);
  });

  it('that came while the thread was busy are read before the broker is blamed', async () => {
    await time.advance(100);
    setImmediate(() => client.answer());
    await time.advance(600);
    expect(silences).toBe(0);
  });

  it('are given up at once when the connection ends, and by who asks after it', async () => {
    const lost = [answers.taken(), answers.taken()].map((taken) => expect(taken).rejects.toThrow('lost'));
    client.connected = false;
    client.emit('close');
    await Promise.all([...lost, expect(answers.taken()).rejects.toThrow('lost')]);
    expect([client.pings, answers.owesFor(-1)]).toEqual([2, false]);
  });

  it('are asked for no more when the connection is gone', async () => {
    client.connected = false;
    client.emit('close');
    await time.advance(1_000);
    expect([client.pings, silences]).toEqual([0, 0]);
  });
});
