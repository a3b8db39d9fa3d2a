/** A station keeps the broker's address from its enrolment, so a demo that is started again takes the same ports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError, systemErrorCode } from '@pomona/wire';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../control-plane.ts';

type Ports = ControlPlane['ports'];

const fileName = 'ports.json';

export interface StartedControlPlane {
  readonly controlPlane: ControlPlane;
  /** Stations that enrolled before know another address. */
  readonly moved: boolean;
}

/** Starts on the ports of last time; on free ones at the first time, or when one of them is taken. */
export async function startOnRememberedPorts(
  options: Omit<ControlPlaneOptions, 'httpPort' | 'devicePort' | 'mqttPort'>,
): Promise<StartedControlPlane> {
  const remembered = readPorts(options.dataFolder);
  if (remembered !== undefined) {
    try {
      return { controlPlane: await start(options, remembered), moved: false };
    } catch (error) {
      if (!isAppError(error, 'port-in-use')) throw error;
    }
  }
  const controlPlane = await start(options, { http: 0, device: 0, mqtt: 0 });
  writeFileSync(join(options.dataFolder, fileName), `${JSON.stringify(controlPlane.ports)}\n`);
  return { controlPlane, moved: true };
}

function start(
  options: Omit<ControlPlaneOptions, 'httpPort' | 'devicePort' | 'mqttPort'>,
  ports: Ports,
): Promise<ControlPlane> {
  return startControlPlane({
    ...options,
    httpPort: ports.http,
    devicePort: ports.device,
    mqttPort: ports.mqtt,
  });
}

function readPorts(dataFolder: string): Ports | undefined {
  try {
    return JSON.parse(readFileSync(join(dataFolder, fileName), 'utf8')) as Ports;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
