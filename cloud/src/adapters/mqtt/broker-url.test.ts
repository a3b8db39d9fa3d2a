import { isAppError } from '@pomona/wire';
import { expect, it } from 'vitest';
import { parseBrokerUrl } from './broker-url.ts';

it('takes a host, with and without a port', () => {
  expect(parseBrokerUrl('mqtts://broker.example:8884').port).toBe('8884');
  expect(parseBrokerUrl('mqtts://broker.example').hostname).toBe('broker.example');
});

it.each([
  ['mqtts://packhouse:hunter2@broker.example:8883', /certificates/],
  ['mqtts://hunter2@broker.example', /certificates/],
  ['mqtts://:hunter2@broker.example', /certificates/],
  ['mqtt://packhouse:hunter2@broker.example', /certificates/],
  ['mqtts://packhouse:hunter2@', /mqtts:\/\/host:8883/],
  ['packhouse:hunter2@broker.example', /mqtts:\/\/host:8883/],
])('refuses %s with a word on what to do, and does not say the secret again', (text, hint) => {
  let error: unknown;
  try {
    parseBrokerUrl(text);
  } catch (thrown) {
    error = thrown;
  }
  if (!isAppError(error)) throw new Error('it was taken');
  expect(error.code).toBe('broker-url-invalid');
  expect(error.hint).toMatch(hint);
  expect(error.message + error.hint).not.toMatch(/hunter2|packhouse/);
});
