import { channelNames, channelRow } from '@pomona/wire';
import { expect, it } from 'vitest';
import { mosquittoFiles } from './mosquitto-config.ts';

it('lets the largest message of every channel through Mosquitto', () => {
  const files = mosquittoFiles({ folder: '/etc/mosquitto/pomona', port: 1, readerPort: 2, readers: [] });
  const limit = Number(/^message_size_limit (\d+)$/m.exec(files['mosquitto.conf'] ?? '')?.[1]);
  for (const name of channelNames) expect(limit).toBeGreaterThanOrEqual(channelRow(name).maxBytes);
});
