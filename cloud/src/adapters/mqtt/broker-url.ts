import { AppError } from '@pomona/wire';

/** The address of a broker elsewhere. It is logged and told to every station, so it may hold no secret. Error: `broker-url-invalid`. */
export function parseBrokerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Whatever it is, what stands before an @ is not shown.
  const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@');
  if (url !== undefined && (url.username !== '' || url.password !== ''))
    throw new AppError(
      'broker-url-invalid',
      `the address of the broker, ${shown}, has a user or password in it`,
      {
        hint: 'Leave them out: the control plane and the stations sign in with certificates of Pomona’s authority, which `pomona broker mosquitto` sets the broker up for; readers’ passwords go into the broker’s own file.',
      },
    );
  if (url?.protocol === 'mqtts:' && url.hostname !== '') return url;
  throw new AppError('broker-url-invalid', `${shown} is not the address of a broker`, {
    hint: 'Give it as mqtts://host:8883, with --broker-url or in POMONA_BROKER_URL.',
  });
}
