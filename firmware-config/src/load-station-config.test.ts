import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateLeadMs } from './gate-config.ts';
import { loadStationConfig, readClaim } from './load-station-config.ts';
import { hashPin } from './pin.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const least = {
  v: 1,
  site: 'valley',
  line: 'line-1',
  station: 'valley-1-a',
  dataDir: 'data',
  camera: { kind: 'command', command: ['camera-program', '--raw'] },
};

const claim = {
  v: 1,
  site: 'valley',
  line: 'line-1',
  station: 'valley-1-a',
  url: 'https://127.0.0.1:8443',
  caSha256: 'a'.repeat(64),
  token: 't'.repeat(32),
  expiresAt: '2026-01-01T00:00:00.000Z',
};

function write(content: unknown, name = 'station.json'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function failure(content: unknown) {
  const error = await loadStationConfig(write(content)).catch((caught: unknown) => caught);
  if (!isAppError(error)) throw new Error(`expected an AppError, got ${error}`);
  return error;
}

describe('loadStationConfig', () => {
  it('fills in what is not said and starts relative paths at the file', async () => {
    expect(await loadStationConfig(write(least))).toEqual({
      ...least,
      dataDir: join(folder, 'data'),
      gate: { kind: 'log', file: join(folder, 'data/gate.log') },
      geometry: {
        frameWidthPx: 640,
        frameHeightPx: 320,
        mmPerPx: 0.9,
        lanes: 2,
        gateDistanceMm: 300,
        fruitDiameterMinMm: 60,
        fruitDiameterMaxMm: 90,
      },
      healthIntervalS: 10,
      outboxLimitBytes: 67_108_864,
      sampling: {
        uncertain: { topBelow: 0.7, marginBelow: 0.2, perMinuteMax: 6, perDayMax: 500 },
        random: { share: 0.005, perMinuteMax: 2, perDayMax: 100 },
        limitBytes: 16_777_216,
      },
      probation: { soakS: 60, fruits: 50, missedShareMax: 0.1, unseenShareMax: 0.5 },
      statistics: { windowFruits: 500 },
      update: { transport: 'mqtt' },
      logLevel: 'info',
      board: 'unknown',
    });
  });

  it('keeps the operator’s page off unless it is there, and on this board alone unless told otherwise', async () => {
    const load = async (operatorPage: object) =>
      (await loadStationConfig(write({ ...least, operatorPage }))).operatorPage;
    expect((await loadStationConfig(write(least))).operatorPage).toBeUndefined();
    expect(await load({})).toEqual({ host: '127.0.0.1', port: 8095, watching: 'open' });
    const pinHash = await hashPin('482913');
    const wanted = { host: '0.0.0.0', port: 80, pinHash, watching: 'pin' };
    expect(await load(wanted)).toEqual(wanted);
    const wrong = (operatorPage: object) => failure({ ...least, operatorPage });
    expect((await wrong({ watching: 'pin' })).message).toContain('operatorPage.pinHash is missing');
    expect((await wrong({ pinHash: '1234' })).message).toContain(
      'operatorPage.pinHash must be what `pomona-agent pin` prints, not "1234"',
    );
    expect((await wrong({ pin: '1234' })).message).toContain('operatorPage.pin is not a field that is known');
  });

  it('fills in what its kind of camera needs, and starts a replay’s folder at the file', async () => {
    const load = async (camera: object) => (await loadStationConfig(write({ ...least, camera }))).camera;
    expect(await load({ kind: 'rpicam', rowAlignBytes: 128 })).toEqual({
      kind: 'rpicam',
      camera: 0,
      beltMmPerS: 300,
      latencyMs: 50,
      framesPerSecond: 15,
      rotate180: false,
      exposureUs: 2_000,
      gain: 2,
      redGain: 2,
      blueGain: 1.8,
      rowAlignBytes: 128,
    });
    expect(await load({ kind: 'gstreamer', source: 'v4l2src' })).toMatchObject({
      device: '/dev/video0',
      controls: { white_balance_automatic: 0 },
    });
    expect(await load({ kind: 'replay', folder: 'pictures' })).toMatchObject({
      folder: join(folder, 'pictures'),
      pattern: '*.jpg',
    });
    expect(await load({ kind: 'simulated', photographs: 'turning' })).toMatchObject({
      ...{ fruitsPerSecond: 5, strangers: [], photographs: join(folder, 'turning') },
    });
  });

  it('fills in what an encoder of its kind needs, with any camera', async () => {
    const load = async (camera: object) => (await loadStationConfig(write({ ...least, camera }))).camera;
    const modbus = { kind: 'modbus', host: '192.168.7.20', register: 12, mmPerCount: 0.25 };
    expect(await load({ kind: 'rpicam', encoder: modbus })).toMatchObject({
      kind: 'rpicam',
      encoder: { ...modbus, port: 502, unit: 1, table: 'holding', bits: 16 },
    });
    const gpio = { kind: 'gpio', line: 23, mmPerPulse: 0.5 };
    expect(await load({ ...least.camera, encoder: gpio })).toEqual({
      ...least.camera,
      encoder: { ...gpio, chip: 'gpiochip0' },
    });
    expect(
      await load({ kind: 'replay', folder: '/f', encoder: { kind: 'mqtt', topic: 'line/belt' } }),
    ).toMatchObject({
      encoder: { url: 'mqtt://127.0.0.1:1883', topic: 'line/belt' },
    });
  });

  it('fills in what its kind of gate needs', async () => {
    const load = async (gate: object) => (await loadStationConfig(write({ ...least, gate }))).gate;
    const gate = {
      kind: 'modbus',
      host: '192.168.7.20',
      outputs: [
        { gate: 1, coil: 4 },
        { gate: 2, coil: 5, lagMs: 5 },
      ],
    };
    const whole = await load(gate);
    expect(whole).toEqual({
      ...{ kind: 'modbus', host: '192.168.7.20', port: 502, unit: 1, heartbeatMs: 500 },
      outputs: [
        { gate: 1, coil: 4, lagMs: 30, pulseMs: 80 },
        { gate: 2, coil: 5, lagMs: 5, pulseMs: 80 },
      ],
    });
    expect(gateLeadMs(whole)).toBe(30 + 40 + 50);
    expect(gateLeadMs(await load({ kind: 'log', file: 'shots' }))).toBe(50);
    expect(await load({ kind: 'log' })).toEqual({ kind: 'log', file: join(folder, 'data/gate.log') });
    expect(await load({ kind: 'mqtt', outputs: [{ gate: 0 }] })).toMatchObject({
      topic: 'pomona/gates',
      qos: 0,
    });
    expect(
      await load({ kind: 'gpio', outputs: [{ gate: 0, line: 17, confirm: { line: 4 } }] }),
    ).toMatchObject({
      chip: 'gpiochip0',
      outputs: [{ confirm: { line: 4, withinMs: 500, activeLow: false } }],
    });
  });

  it.each([
    ['an unknown kind', { kind: 'bell' }, 'gate.kind must be one of log, mqtt, modbus, gpio, not "bell"'],
    ['no outputs', { kind: 'mqtt', outputs: [] }, 'gate.outputs must not have fewer than 1 items, not []'],
    [
      'an output without its wire',
      { kind: 'gpio', outputs: [{ gate: 1 }] },
      'gate.outputs.0.line is missing',
    ],
    ['another kind’s field', { kind: 'log', file: 'f', host: 'h' }, 'gate.host is not a field that is known'],
    [
      'a lane that the line does not have',
      { kind: 'mqtt', outputs: [{ gate: 1, lane: 2 }] },
      'gate.outputs.0.lane must be below geometry.lanes (2), not 2',
    ],
    [
      'a gate before the nearest',
      { kind: 'mqtt', outputs: [{ gate: 1, distanceMm: 200 }] },
      'gate.outputs.0.distanceMm must not be below geometry.gateDistanceMm (300), the nearest gate, not 200',
    ],
    [
      'two outputs for one gate',
      { kind: 'mqtt', outputs: [{ gate: 1 }, { gate: 1, lane: 0 }, { gate: 1, lane: 0 }] },
      'gate.outputs.2 is a second output for gate 1 of the same lane',
    ],
    [
      'one wire for two',
      { kind: 'gpio', heartbeatLine: 17, outputs: [{ gate: 1, line: 17 }] },
      'gate.outputs.0.line 17 is in use already',
    ],
    [
      'a sensor on a wire that is taken',
      { kind: 'gpio', outputs: [{ gate: 1, line: 17, confirm: { line: 17 } }] },
      'gate.outputs.0.confirm.line 17 is in use already',
    ],
    [
      'one input for two sensors',
      {
        ...{ kind: 'modbus', host: 'h' },
        outputs: [1, 2].map((gate) => ({ gate, coil: gate, confirm: { input: 9 } })),
      },
      'gate.outputs.1.confirm.input 9 is in use already',
    ],
    [
      'a sensor of another kind',
      { kind: 'mqtt', outputs: [{ gate: 1, confirm: { line: 3 } }] },
      'gate.outputs.0.confirm.line is not a field that is known',
    ],
  ])('refuses of a gate %s', async (_, gate, expected) => {
    const { code, message } = await failure({ ...least, gate });
    expect(code).toBe('config-invalid');
    expect(message).toContain(expected);
  });

  it('keeps what is said, also of a part of the geometry', async () => {
    const config = await loadStationConfig(
      write({ ...least, dataDir: '/var/lib/pomona', geometry: { lanes: 1 }, logLevel: 'debug' }),
    );
    expect(config.dataDir).toBe('/var/lib/pomona');
    expect(config.geometry).toMatchObject({ lanes: 1, frameWidthPx: 640 });
    expect(config.logLevel).toBe('debug');
  });

  it.each([
    ['a missing field', { camera: undefined }, 'camera is missing'],
    [
      'a name that is no slug',
      { station: 'Line 1' },
      'station must be lower-case letters, digits and dashes',
    ],
    ['a typing error', { logLevell: 'info' }, 'logLevell is not a field that is known'],
    [
      'a wrong choice',
      { logLevel: 'loud' },
      'logLevel must be one of error, warn, info, debug, trace, not "loud"',
    ],
    ['a wrong type', { healthIntervalS: '10' }, 'healthIntervalS must be number, not "10"'],
    ['a value out of range', { healthIntervalS: 0 }, 'healthIntervalS must be >= 1, not 0'],
    [
      'no program',
      { camera: { kind: 'command', command: [] } },
      'camera.command must not have fewer than 1 items',
    ],
    ['no camera', { camera: 'usb' }, 'camera must be object, not "usb"'],
    [
      'a kind of camera that is none',
      { camera: { kind: 'webcam' } },
      'camera.kind must be one of command, rpicam, gstreamer, ffmpeg, replay, simulated, not "webcam"',
    ],
    [
      'a field of another kind of camera',
      { camera: { kind: 'rpicam', input: 'rtsp://10.0.0.9/1' } },
      'camera.input is not a field that is known',
    ],
    [
      'a kind of encoder that is none',
      { camera: { kind: 'rpicam', encoder: { kind: 'resolver' } } },
      'camera.encoder.kind must be one of gpio, modbus, mqtt, not "resolver"',
    ],
    [
      'an encoder without its measure',
      { camera: { kind: 'rpicam', encoder: { kind: 'gpio', line: 4 } } },
      'camera.encoder.mmPerPulse is missing',
    ],
    [
      'a pin for both the encoder and a sensor of the gate',
      {
        camera: { kind: 'rpicam', encoder: { kind: 'gpio', line: 17, lineB: 4, mmPerPulse: 1 } },
        gate: { kind: 'gpio', outputs: [{ gate: 0, line: 18, confirm: { line: 4 } }] },
      },
      'camera.encoder.lineB 4 is in use by the gate',
    ],
    [
      'a counter that counts nothing',
      { camera: { kind: 'rpicam', encoder: { kind: 'modbus', host: 'plc', register: 1, mmPerCount: 0 } } },
      'camera.encoder.mmPerCount must not be 0',
    ],
    ['a gain that is none', { camera: { kind: 'rpicam', gain: 0 } }, 'camera.gain must be >= 1, not 0'],
    [
      'frames that end before they are exposed',
      { camera: { kind: 'rpicam', exposureUs: 20_000, framesPerSecond: 50 } },
      'camera.exposureUs must be shorter than a frame lasts',
    ],
    [
      'a control that could end the list of controls',
      { camera: { kind: 'gstreamer', source: 'v4l2src', controls: { 'gain=1,x': 1 } } },
      'camera.controls.gain=1,x is not a field that is known',
    ],
    [
      'a device that could be more than one word',
      { camera: { kind: 'gstreamer', source: 'v4l2src', device: '/dev/video0 ! filesink' } },
      'camera.device must match pattern',
    ],
    ['another version', { v: 2 }, 'v must be 1, not 2'],
    [
      'an unknown rule of the probation',
      { probation: { soak: 5 } },
      'probation.soak is not a field that is known',
    ],
    ['a cap too low for a chunk', { update: { kbitPerSMax: 8 } }, 'update.kbitPerSMax must be >= 32, not 8'],
    ['a soak of nothing', { probation: { soakS: 0 } }, 'probation.soakS must be >= 1, not 0'],
    ['geometry that is no object', { geometry: 3 }, 'geometry must be object, not 3'],
    ['a nested value', { geometry: { lanes: 0 } }, 'geometry.lanes must be >= 1, not 0'],
    [
      'sizes the wrong way round',
      { geometry: { fruitDiameterMinMm: 95 } },
      'geometry.fruitDiameterMinMm must be smaller than geometry.fruitDiameterMaxMm',
    ],
  ])('names the file, the field and what was expected for %s', async (_, change, message) => {
    const error = await failure({ ...least, ...change });
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(join(folder, 'station.json'));
    expect(error.message).toContain(message);
  });

  it.each([
    ['of a camera that is no object', { ...least, camera: 'rtsp://eye:p@ss@10.0.0.9/1' }],
    ['in text that is not JSON', '{"camera": rtsp://eye:p@ss@10.0.0.9/1}'],
  ])('says nothing of the name and password %s', async (_, content) => {
    const { message } = await failure(content);
    expect(message).toContain('station.json');
    expect(message).not.toMatch(/eye|p@ss/);
  });

  it.each([
    ['of a gate’s broker', { gate: { kind: 'mqtt', password: 48_213_579, outputs: [{ gate: 1 }] } }],
    ['of several', { gate: { kind: 'mqtt', password: ['48213579'], outputs: [{ gate: 1 }] } }],
    ['inside of what is wrong as a whole', { gate: [{ kind: 'mqtt', password: '48213579' }] }],
    ['of a claim', { claim: { ...claim, token: 48_213_579 } }],
    ['of a claim that is wrong as a whole', { claim: [{ token: '48213579' }] }],
  ])('keeps the password %s to itself', async (_, change) => {
    const { message } = await failure({ ...least, ...change });
    expect(message).toMatch(/: (gate|claim)[. ]/);
    expect(message).not.toContain('48213579');
  });

  it.each([
    ['text that is not JSON', '{"v": 1,', 'is not JSON'],
    ['a list', [], 'the whole file must be object'],
    ['nothing', '', 'is not JSON'],
  ])('refuses %s', async (_, content, message) => {
    expect((await failure(content)).message).toContain(message);
  });

  it('says that a file is not there', async () => {
    await expect(loadStationConfig(join(folder, 'nowhere.json'))).rejects.toMatchObject({
      code: 'config-unreadable',
      message: expect.stringContaining('nowhere.json'),
    });
  });
});

describe('readClaim', () => {
  it('takes a claim from the configuration, from a file beside it, or none', async () => {
    expect(await readClaim(await loadStationConfig(write({ ...least, claim })))).toEqual(claim);
    write(claim, 'claim.json');
    expect(await readClaim(await loadStationConfig(write({ ...least, claim: 'claim.json' })))).toEqual(claim);
    expect(await readClaim(await loadStationConfig(write(least)))).toBeUndefined();
  });

  it('names the claim’s file and field when it is wrong', async () => {
    write({ ...claim, caSha256: 'ab' }, 'claim.json');
    const config = await loadStationConfig(write({ ...least, claim: 'claim.json' }));
    await expect(readClaim(config)).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(/claim\.json: caSha256 must match pattern/),
    });
  });
});
