import { AppError, type Desired, type DesiredRequest } from '@pomona/wire';
import { type Actor, type GatePorts, passGates } from './pass-gates.ts';
import type { ChangedBy } from './ports.ts';
import { type DesiredPorts, findReleased, setDesired } from './set-desired.ts';

export type OrderPorts = DesiredPorts & GatePorts;

/**
 * What a person has one station run: a version whose gates failed only as `passGates` lets it. Errors: those of `setDesired`,
 * `gate-failed`, `bad-request` for an override without a reason.
 */
export async function orderStation(
  ports: OrderPorts,
  station: string,
  request: DesiredRequest,
  actor: Actor,
): Promise<Desired> {
  const {
    release,
    retry,
    override,
    reason = retry === true ? 'tried again by hand' : 'set by hand',
  } = request;
  if (override === true && request.reason === undefined)
    throw new AppError('bad-request', 'an override of failed gates needs a reason', {
      hint: 'Say why in the field reason; it is kept in the log of the model.',
    });
  const model = release ? await findReleased(ports, release) : undefined;
  const overridden = model && (await passGates(ports, model, [station], override, actor));
  const by: ChangedBy = { actor: actor.name, reason };
  if (model === undefined || overridden === undefined) return setDesired(ports, station, request, by);
  const modelLog = {
    ...{ name: model.name, actor: actor.name, reason, at: new Date(ports.clock.nowMs()).toISOString() },
    ...{ action: `${station} = ${model.version}`, detail: overridden },
  };
  return setDesired(ports, station, request, { ...by, modelLog });
}
