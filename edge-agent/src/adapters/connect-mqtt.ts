import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';

/** The library's; a login of none may stand there as undefined. */
type MqttOptions = Omit<IClientOptions, 'username' | 'password'> & {
  readonly username: string | undefined;
  readonly password: string | undefined;
};

/**
 * One connection to a broker at the line, without TLS or a session, which is given up when it is lost: `onLost` hears why, at least once, and connects anew.
 * Rejects when there is none within 3 s.
 */
export async function connectMqtt(
  url: string,
  { username, password, ...options }: MqttOptions,
  onLost: (reason: string) => void,
): Promise<MqttClient> {
  const client = await connectAsync(
    url,
    {
      ...{ protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 3_000 },
      ...options,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    },
    false,
  );
  client.on('error', (error) => onLost(error.message));
  client.on('close', () => {
    onLost('the connection was lost');
    client.end(true);
  });
  return client;
}
