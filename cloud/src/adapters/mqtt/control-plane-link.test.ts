import { describe, expect, it } from 'vitest';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';

describe('a broker elsewhere', () => {
  it.each([
    ['mqtts://127.0.0.1:9', 'broker-unreachable'],
    ['mqtt://127.0.0.1:9', 'broker-url-invalid'],
    ['broker.example', 'broker-url-invalid'],
  ])(
    'that is %s keeps the control plane from starting, with a word on what to do',
    async (brokerUrl, code) => {
      const start = startTestControlPlane({ brokerUrl });
      await expect(start).rejects.toMatchObject({ code, hint: expect.stringMatching(/broker/) });
    },
  );
});
