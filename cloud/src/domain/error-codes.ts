/**
 * The codes of the control plane's server side: what a person, a device or the machine did wrong. `adapters/http/problem.ts`
 * maps them to HTTP statuses, and covers all of them.
 */
export const errorCodes = [
  'bad-request',
  'body-too-large',
  'certificate-request-invalid',
  'certificate-request-key',
  'certificate-request-name',
  'claim-expired',
  'claim-unknown',
  'claim-used',
  'data-folder-in-use',
  'data-folder-newer',
  'data-folder-not-writable',
  'database-busy',
  'database-full',
  'dataset-unknown',
  'digest-ambiguous',
  'foreign-origin',
  'internal',
  'job-ended',
  'job-unknown',
  'label-unknown',
  'model-unknown',
  'not-found',
  'pki-damaged',
  'port-in-use',
  'port-not-allowed',
  'reader-invalid',
  'sample-unknown',
  'station-elsewhere',
  'station-name-reserved',
  'station-unknown',
  'too-many-requests',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
