import { networkNamed, networkNames } from '@pomona/catalog';
import { AppError } from '@pomona/wire';

/** Error: `bad-request` for a network that the catalog has not. */
export function checkNetwork(name: string): void {
  if (networkNamed(name)) return;
  throw new AppError('bad-request', `there is no network ${name}`, {
    hint: `Choose one of ${networkNames.join(', ')}.`,
  });
}
