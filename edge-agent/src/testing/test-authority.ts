/** Certificates for servers that tests start, and an independent reader of what the device asks to be signed. */
import 'reflect-metadata';
import { createHash, createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

export interface TestAuthority {
  readonly certificatePem: string;
  readonly sha256: string;
  /** A server's key and its chain: its own certificate, then the authority's. `fromNowMs`: so much later is it valid, or earlier. */
  issueServer(
    hosts?: readonly string[],
    fromNowMs?: number,
  ): Promise<{ readonly key: string; readonly cert: string }>;
  /** Throws when the request does not prove its key. */
  signRequest(csrPem: string): Promise<{ readonly commonName: string; readonly certificatePem: string }>;
}

export async function createTestAuthority(name = 'Test authority'): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: [{ CN: [name] }],
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const issue = async (
    commonName: string,
    publicKey: x509.PublicKeyType,
    names: x509.JsonGeneralNames,
    fromNowMs = 0,
  ) => {
    const later = (date: Date) => new Date(date.getTime() + fromNowMs);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: authority.subjectName.toJSON(),
      ...{ notBefore: later(validity.notBefore), notAfter: later(validity.notAfter) },
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
    });
    return certificate.toString('pem');
  };
  const certificatePem = authority.toString('pem');
  return {
    certificatePem,
    sha256: createHash('sha256').update(new Uint8Array(authority.rawData)).digest('hex'),
    async issueServer(hosts = ['127.0.0.1'], fromNowMs = 0) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const names = hosts.map((value) => ({ type: 'ip' as const, value }));
      const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
      const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      return {
        key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
        cert: `${await issue('server', own.publicKey, names, fromNowMs)}\n${certificatePem}\n`,
      };
    },
    async signRequest(csrPem) {
      const request = new x509.Pkcs10CertificateRequest(csrPem);
      if (!(await request.verify())) throw new Error('the request does not prove its key');
      const commonName = request.subjectName.getField('CN').join();
      return { commonName, certificatePem: await issue(commonName, request.publicKey, []) };
    },
  };
}
