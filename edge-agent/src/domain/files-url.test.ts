import { describe, expect, it } from 'vitest';
import { filesUrlOf } from './files-url.ts';

const deviceUrl = 'https://plane:8443';

describe('filesUrlOf', () => {
  it('is nothing over MQTT, whatever else is said', () => {
    expect(filesUrlOf({ transport: 'mqtt', url: 'https://elsewhere' }, { deviceUrl })).toBeUndefined();
  });

  it('is what the control plane said, unless the configuration knows better', () => {
    expect(filesUrlOf({ transport: 'https' }, { deviceUrl })).toBe(deviceUrl);
    expect(filesUrlOf({ transport: 'https', url: 'https://proxy' }, { deviceUrl })).toBe('https://proxy');
  });

  it('says what to do when nobody said it', () => {
    expect(() => filesUrlOf({ transport: 'https' }, {})).toThrow(
      expect.objectContaining({ code: 'update-url-missing', hint: expect.stringContaining('update.url') }),
    );
  });
});
