import { AppError } from '@pomona/wire';

/** The address of a broker elsewhere. Error: `broker-url-invalid`. */
export function parseBrokerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'mqtts:' && url.hostname !== '') return url;
  throw new AppError('broker-url-invalid', `${text} is not the address of a broker`, {
    hint: 'Give it as mqtts://host:8883, with --broker-url or in POMONA_BROKER_URL.',
  });
}
