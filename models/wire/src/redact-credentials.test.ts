import { describe, expect, it } from 'vitest';
import { redactCredentials } from './redact-credentials.ts';

describe('redactCredentials', () => {
  it.each([
    ['rtsp://cam:s3cret@10.0.0.9/1: Connection refused', 'rtsp://10.0.0.9/1: Connection refused'],
    ['rtsp://user:p@ss@host:554/live failed', 'rtsp://host:554/live failed'],
    ['rtsp://user:p@ss/w?rd#1@host/live', 'rtsp://host/live'],
    ['"rtsp://u:p@a/1","http://v:q@b/2"', '"rtsp://a/1","http://b/2"'],
    ['[in#0 @ 0x55] Error opening rtsp://u:p@ss@h', '[in#0 @ 0x55] Error opening rtsp://h'],
    ['rtsp://admin:half-a-pass', 'rtsp://admin:…'],
    [
      'rtsp://10.0.0.9/user=admin&password=s3cret&channel=1',
      'rtsp://10.0.0.9/user=admin&password=…&channel=1',
    ],
    ['rtsp://10.0.0.9:554/live', 'rtsp://10.0.0.9:554/live'],
    ['rtsp://10.0.0.9:554', 'rtsp://10.0.0.9:554'],
    ['mail engineer@packhouse about http://10.0.0.9/', 'mail engineer@packhouse about http://10.0.0.9/'],
  ])('makes of %s', (text, expected) => {
    expect(redactCredentials(text)).toBe(expected);
  });
});
