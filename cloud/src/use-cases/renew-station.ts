/**
 * A new certificate for a station that shows its own, in time or late. It counts from the moment in which it is shown; until
 * then the one before counts too, since the answer may be lost on its way and the station would stand outside for ever.
 */
import { AppError, type Clock, type RenewRequest, type RenewResponse } from '@pomona/wire';
import type { StationRecord } from './ports.ts';

export interface RenewalStores {
  find(station: string): Promise<StationRecord | undefined>;
  /** Beside `serial`, which is in use. False when it is not any more. */
  offerCertificate(station: string, serial: string, renewedSerial: string): Promise<boolean>;
  /** It is in use from now on, in the place of the one before. */
  adoptCertificate(station: string, renewedSerial: string): Promise<void>;
}

export interface RenewPorts {
  readonly stations: RenewalStores;
  readonly signStation: (
    csrPem: string,
    station: string,
  ) => Promise<{ readonly certificatePem: string; readonly serial: string }>;
  readonly clock: Clock;
}

/** Signed by our authority, and shown by who has its key. `serial` in lower case. */
export interface ShownCertificate {
  readonly name: string;
  readonly serial: string;
  readonly endsAtMs: number;
}

/** Long enough for a board that is off for a season, and for a person to notice that it does not work. */
const renewBeforeMs = 90 * 86_400_000;

/** Errors: `certificate-refused`, `certificate-request-invalid`, `-name`, `-key`. */
export async function renewStation(
  { stations, signStation, clock }: RenewPorts,
  { name, serial, endsAtMs }: ShownCertificate,
  { csrPem }: RenewRequest,
): Promise<RenewResponse> {
  const station = await stations.find(name);
  if (station?.certificateSerial !== serial && station?.renewedSerial !== serial) throw refused(name);
  if (station.renewedSerial === serial) await stations.adoptCertificate(name, serial);
  if (endsAtMs - clock.nowMs() > renewBeforeMs) return { certificatePem: null };
  const issued = await signStation(csrPem, name);
  if (!(await stations.offerCertificate(name, serial, issued.serial))) throw refused(name);
  return { certificatePem: issued.certificatePem };
}

function refused(name: string): AppError {
  return new AppError(
    'certificate-refused',
    `the certificate is not the newest of a station ${name.slice(0, 60)}`,
    { hint: 'Make a claim with `pomona station enrol`, and use it on the board with `enrol --again`.' },
  );
}
