import type { StationConfig } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import type { Identity } from './identity.ts';

/** From where files come over HTTPS; undefined when they come by MQTT. Throws `update-url-missing`. */
export function filesUrlOf(
  { transport, url }: StationConfig['update'],
  { deviceUrl }: Pick<Identity, 'deviceUrl'>,
): string | undefined {
  if (transport === 'mqtt') return undefined;
  const found = url ?? deviceUrl;
  if (found !== undefined) return found;
  throw new AppError(
    'update-url-missing',
    'update.transport is https, and nobody has said where the files are: this station was enrolled by a control plane that did not',
    {
      hint: 'Say it in `update.url` (https://host:8443), or enrol the station again (`enrol --again`, with a new claim).',
    },
  );
}
