import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { type CameraDraft, checkStationConfig } from '@pomona/firmware-config';
import { seededRandom, systemClock } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putOnPath } from '../testing/stand-in-program.ts';
import { captureStill } from './capture-still.ts';

const path = process.env.PATH;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-still-'));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

const deps = { clock: systemClock, random: seededRandom(1) };
function still(camera: CameraDraft, name: string): Promise<void> {
  const place = { v: 1, site: 's', line: 'l', station: 'a', dataDir: '/data' };
  const geometry = { frameWidthPx: 64, frameHeightPx: 64, mmPerPx: 4.8 };
  const config = checkStationConfig({ ...place, camera, geometry }, 'station.json');
  return captureStill(config, join(folder, name), deps);
}

describe('captureStill', () => {
  it('takes a Raspberry Pi’s picture as the line sees it, of the whole sensor', async () => {
    const bytes = Buffer.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);
    const args = putOnPath(folder, 'rpicam-still', { bytes, exitCode: 0, stderr: '[0:1.2] INFO Camera\n' });
    await still({ kind: 'rpicam', exposureUs: 900, gain: 1.5, rotate180: true }, 'a still.jpg');
    expect(readFileSync(join(folder, 'a still.jpg'))).toEqual(bytes);
    expect(args().join(' ')).toBe(
      '--camera 0 --nopreview --shutter 900 --gain 1.5 --awbgains 2,1.8 --rotation 180 ' +
        '--timeout 1000 --encoding jpg --quality 95 --output -',
    );
  });

  it('says what the program said when it gives none, and which package is missing', async () => {
    const stderr = '[0:1.2] INFO Camera\nERROR: *** failed to acquire camera ***\n';
    putOnPath(folder, 'rpicam-still', { stderr, exitCode: 255 });
    await expect(still({ kind: 'rpicam' }, 'still.jpg')).rejects.toMatchObject({
      code: 'still-failed',
      message: 'rpicam-still failed | ERROR: *** failed to acquire camera ***',
      hint: expect.stringContaining('systemctl stop pomona-agent'),
    });
    process.env.PATH = '';
    await expect(still({ kind: 'rpicam' }, 'still.jpg')).rejects.toMatchObject({
      message: expect.stringContaining('apt-get install rpicam-apps-lite'),
      hint: 'Install it, and try again.',
    });
  });

  it.each<[string, CameraDraft, string, string, string]>([
    [
      'a film that is not there',
      { kind: 'ffmpeg', input: '/x.mp4' },
      'ffmpeg',
      '/x.mp4: No such file or directory',
      'Look at `camera`',
    ],
    [
      'a network camera',
      { kind: 'ffmpeg', input: 'rtsp://10.0.0.9/1' },
      'ffmpeg',
      'Connection refused',
      'Look at `camera`',
    ],
    [
      'a device that is not there',
      { kind: 'gstreamer', source: 'v4l2src' },
      'gst-launch-1.0',
      "Cannot identify device '/dev/video0'.",
      'Look at `camera`',
    ],
    [
      'a missing part of GStreamer',
      { kind: 'gstreamer', source: 'nvarguscamerasrc' },
      'gst-launch-1.0',
      'no element "nvarguscamerasrc"',
      'Install it',
    ],
    [
      'a device that is busy',
      { kind: 'ffmpeg', input: '/dev/video0' },
      'ffmpeg',
      'Device or resource busy',
      'systemctl stop pomona-agent',
    ],
  ])('says what to do about %s', async (_, camera, program, stderr, hint) => {
    putOnPath(folder, program, { stderr: `${stderr}\n`, exitCode: 1 });
    await expect(still(camera, 'still.png')).rejects.toMatchObject({
      message: expect.stringContaining(stderr),
      hint: expect.stringContaining(hint),
    });
  });

  it('takes a frame of any other camera when the first ones are over, as a PNG', async () => {
    const bytes = Uint8Array.from({ length: 64 * 64 * 3 * 6 }, (_, i) => Math.floor(i / (64 * 64 * 3)));
    putOnPath(folder, 'ffmpeg', { bytes });
    await still({ kind: 'ffmpeg', input: 'rtsp://10.0.0.9/1' }, 'still.png');
    const png = readFileSync(join(folder, 'still.png'));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 64]);
    const from = png.indexOf('IDAT') + 4;
    const rows = inflateSync(png.subarray(from, png.indexOf('IEND') - 8));
    expect(rows.length).toBe(64 * (64 * 3 + 1));
    const [value, ...others] = new Set(rows.filter((_, i) => i % 193 !== 0));
    expect(others).toEqual([]);
    expect([4, 5]).toContain(value);
  });

  it.each<[string, CameraDraft, string, string]>([
    ['a type that it cannot write', { kind: 'ffmpeg', input: 'x' }, 'still.jpg', 'still-format'],
    ['a file without an ending', { kind: 'rpicam' }, 'still', 'still-format'],
    ['a program that ends', { kind: 'command', command: ['false'] }, 'still.png', 'still-failed'],
  ])('refuses %s', async (_, camera, name, code) => {
    await expect(still(camera, name)).rejects.toMatchObject({ code });
  });

  it('says that a file cannot be written', async () => {
    putOnPath(folder, 'rpicam-still', { bytes: Buffer.from('jpeg'), exitCode: 0 });
    await expect(still({ kind: 'rpicam' }, 'nowhere/still.jpg')).rejects.toMatchObject({
      code: 'still-not-written',
      message: expect.stringContaining('(ENOENT)'),
    });
  });
});
