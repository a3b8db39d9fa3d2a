export * from './chunk-map.ts';
export * from './digest.ts';
export * from './durable-file.ts';
export { findChunks } from './find-chunks.ts';
export { addToKeyLog, type KeyLogEntry, readKeyLog } from './key-log.ts';
export * from './make-folder.ts';
export * from './manifest.ts';
export * from './release-errors.ts';
export { checkPlan, describeChange } from './review-plan.ts';
export * from './signed-desired.ts';
export { generateSigningKey, openSigningKey, type SigningKey } from './signing-key.ts';
export {
  type LocalKey,
  makeKeyPair,
  makeLocalKey,
  readPrivateKeyFile,
  readPublicKeyFile,
} from './trust-keys.ts';
export { metadataBytesMax, metadataFilePattern, type TrustRole, trustRoles } from './trust-metadata.ts';
export {
  encodePlan,
  parsePlan,
  planBytesMax,
  type RoleChange,
  signPlan,
  type WantedSignatures,
  wantedSignatures,
} from './trust-plan.ts';
export {
  dropWaitingChange,
  openTrustRepository,
  type Publication,
  type TrustRepository,
  type TrustRepositoryOptions,
  type TrustState,
} from './trust-repository.ts';
export { trustKeyOf } from './trust-signing.ts';
export * from './trusted-releases.ts';
