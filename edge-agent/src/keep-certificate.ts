/** Wires the renewal of the station's certificate together. */
import { X509Certificate } from 'node:crypto';
import { AppError, type Random } from '@pomona/wire';
import { askForCertificate } from './adapters/https-renewal.ts';
import type { FileIdentityStore } from './adapters/identity-store.ts';
import type { Identity } from './domain/identity.ts';
import { CertificateRenewal } from './use-cases/renew-certificate.ts';
import type { Scheduler } from './use-cases/scheduler.ts';

export interface CertificateKeeper {
  readonly identity: Identity;
  readonly store: FileIdentityStore;
  /** Of the device port; undefined where a control plane of before did not say. */
  readonly url: string | undefined;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** It is on disk. */
  readonly onRenewed: (certificatePem: string, endsAt: string) => void;
  readonly onTrouble: (code: string, message: string) => void;
}

export function keepCertificate({ store, url, onRenewed, ...keeper }: CertificateKeeper): CertificateRenewal {
  let { identity } = keeper;
  const endsAtMs = (): number => new Date(new X509Certificate(identity.certificatePem).validTo).getTime();
  return new CertificateRenewal({
    ...{ scheduler: keeper.scheduler, random: keeper.random, onTrouble: keeper.onTrouble, endsAtMs },
    async ask() {
      if (url === undefined) throw nowhere();
      const { certificatePem: cert, caPem: ca, station } = identity;
      const tls = { key: await store.privateKeyPem(), cert, ca };
      return askForCertificate(url, tls, await store.signingRequest(station));
    },
    async take(certificatePem) {
      const renewed = { ...identity, certificatePem };
      await store.save(renewed);
      identity = renewed;
      onRenewed(certificatePem, new Date(endsAtMs()).toISOString());
    },
  });
}

function nowhere(): AppError {
  return new AppError('renewal-refused', 'nobody has said where a new one is to be had', {
    hint: 'Say it in `update.url` (https://host:8443), or enrol the station again (`enrol --again`, with a new claim).',
  });
}
