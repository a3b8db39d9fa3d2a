/**
 * A change of root or targets metadata that waits for signatures of keys that the control plane does not have. It is one
 * file of JSON that may travel to other machines and back: what stands now, what shall stand, and the signatures so far.
 *
 * A new root needs the threshold of the root before and its own (TUF specification, 5.3.4 and 5.3.5); targets need
 * that of the root that will hold when they do.
 */
import type { KeyObject } from 'node:crypto';
import { type Key, Metadata, MetadataKind, Root, type Targets } from '@tufjs/models';
import { canonicalJson } from './digest.ts';
import { releaseError } from './release-errors.ts';
import type { SigningKey } from './signing-key.ts';
import { metadataBytesMax, type TrustRole } from './trust-metadata.ts';
import { addSignatures, parseMetadata, type Signable, trustKeyOf } from './trust-signing.ts';

export interface TrustPlan {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly nextRoot?: Metadata<Root>;
  readonly nextTargets?: Metadata<Targets>;
}

/** What is to be different about who signs for a role. */
export interface RoleChange {
  readonly role: TrustRole;
  readonly add: readonly KeyObject[];
  /** Key ids, or the beginnings of at least 8 digits. */
  readonly remove: readonly string[];
  readonly threshold?: number;
}

export interface WantedSignatures {
  readonly document: 'root' | 'targets';
  /** Whose rule it is: of the root that holds now, or of the one that waits. */
  readonly by: 'current' | 'next';
  readonly threshold: number;
  readonly keys: readonly { readonly keyId: string; readonly signed: boolean }[];
}

export const planBytesMax = 2 * (metadataBytesMax.root + metadataBytesMax.targets) + 4096;
const keysPerRoleMax = 16;

export function encodePlan({ root, targets, nextRoot, nextTargets }: TrustPlan): string {
  const next = { ...(nextRoot && { root: nextRoot }), ...(nextTargets && { targets: nextTargets }) };
  return `${JSON.stringify({ v: 1, root, targets, next })}\n`;
}

/** Throws `trust-plan-invalid`. */
export function parsePlan(bytes: Uint8Array): TrustPlan {
  if (bytes.byteLength > planBytesMax)
    throw releaseError('trust-plan-invalid', `a waiting change has at most ${planBytesMax} bytes`);
  try {
    const { root, targets, next } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
    const part = (value: unknown) => JSON.stringify(value ?? null);
    const { root: nextRoot, targets: nextTargets } = next as { root?: unknown; targets?: unknown };
    return {
      root: parseMetadata(MetadataKind.Root, part(root)),
      targets: parseMetadata(MetadataKind.Targets, part(targets)),
      ...(nextRoot === undefined ? {} : { nextRoot: parseMetadata(MetadataKind.Root, part(nextRoot)) }),
      ...(nextTargets === undefined
        ? {}
        : { nextTargets: parseMetadata(MetadataKind.Targets, part(nextTargets)) }),
    };
  } catch (cause) {
    throw releaseError('trust-plan-invalid', 'this is no waiting change of trust metadata', { cause });
  }
}

/** The root after these changes, unsigned. Throws `trust-change-invalid`. */
export function nextRootOf(root: Root, changes: readonly RoleChange[], expires: string): Metadata<Root> {
  const keys = new Map(Object.entries(root.keys));
  const roles = new Map(
    Object.entries(root.roles).map(([name, { keyIDs, threshold }]) => [name, { keyIDs, threshold }]),
  );
  for (const change of changes) {
    const { role } = change;
    roles.set(role, changedRole(roles.get(role)!, change));
    for (const publicKey of change.add) {
      const key = trustKeyOf({ publicKey });
      keys.set(key.keyID, key);
    }
  }
  const used = new Set([...roles.values()].flatMap(({ keyIDs }) => keyIDs));
  const { specVersion, consistentSnapshot, version } = root;
  const next = new Root({
    ...{ version: version + 1, specVersion, expires, consistentSnapshot },
    keys: Object.fromEntries([...keys].filter(([keyId]) => used.has(keyId))),
  });
  for (const [name, { keyIDs, threshold }] of roles) {
    Object.assign(next.roles[name]!, { keyIDs, threshold });
  }
  return new Metadata(next);
}

export interface RoleRule {
  readonly keyIDs: readonly string[];
  readonly threshold: number;
}

function changedRole(before: RoleRule, change: RoleChange) {
  const { role, add, remove, threshold = before.threshold } = change;
  const removed = new Set(remove.map((prefix) => keyIdOf(before.keyIDs, prefix, role)));
  const added = add.map((publicKey) => trustKeyOf({ publicKey }).keyID);
  // Added wins: of a rule that is stated anew, a key that stood already is a part.
  const keyIDs = [...new Set([...before.keyIDs.filter((keyId) => !removed.has(keyId)), ...added])];
  const wrong = (why: string) => releaseError('trust-change-invalid', `${role}: ${why}`);
  if (keyIDs.length > keysPerRoleMax) throw wrong(`at most ${keysPerRoleMax} keys may sign`);
  if (keyIDs.length < threshold) throw wrong(`${threshold} signatures are wanted of ${keyIDs.length} keys`);
  return { keyIDs, threshold };
}

function keyIdOf(keyIds: readonly string[], prefix: string, role: TrustRole): string {
  const found = keyIds.filter((keyId) => keyId.startsWith(prefix));
  if (prefix.length >= 8 && found.length === 1) return found[0]!;
  throw releaseError('trust-change-invalid', `${role}: ${found.length} of its keys begin with "${prefix}"`);
}

/** Every rule that the change must satisfy, and how far it has come. */
export function wantedSignatures(plan: TrustPlan): WantedSignatures[] {
  return rulesOf(plan).map(({ document, by, threshold, votes, metadata }) => ({
    ...{ document, by, threshold },
    keys: votes.map(({ keyId, key }) => ({ keyId, signed: hasSigned(key, metadata) })),
  }));
}

interface SignatureRule extends Pick<WantedSignatures, 'document' | 'by' | 'threshold'> {
  /** Without a key where the root names an id and says nothing of the key. */
  readonly votes: readonly { readonly keyId: string; readonly key: Key | undefined }[];
  readonly metadata: Metadata<Root> | Metadata<Targets>;
}

function rulesOf({ root, nextRoot, nextTargets }: TrustPlan): SignatureRule[] {
  return [
    ...(nextRoot
      ? [ruleOf('root', 'current', root, nextRoot), ruleOf('root', 'next', nextRoot, nextRoot)]
      : []),
    ...(nextTargets ? [ruleOf('targets', nextRoot ? 'next' : 'current', nextRoot ?? root, nextTargets)] : []),
  ];
}

function ruleOf(
  document: SignatureRule['document'],
  by: SignatureRule['by'],
  { signed: root }: Metadata<Root>,
  metadata: SignatureRule['metadata'],
): SignatureRule {
  const { keyIDs, threshold } = root.roles[document]!;
  return {
    document,
    by,
    threshold,
    metadata,
    votes: keyIDs.map((keyId) => ({ keyId, key: root.keys[keyId] })),
  };
}

function hasSigned(key: Key | undefined, metadata: Metadata<Signable>): boolean {
  try {
    key?.verifySignature(metadata);
    return key !== undefined;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

export function isComplete(plan: TrustPlan): boolean {
  return wantedSignatures(plan).every(
    ({ threshold, keys }) => keys.filter(({ signed }) => signed).length >= threshold,
  );
}

/** Signs what that key has a say in. Throws `trust-change-invalid` for a key that has none. */
export function signPlan(plan: TrustPlan, key: SigningKey): void {
  const { keyID } = trustKeyOf(key);
  const rules = wantedSignatures(plan).filter(({ keys }) => keys.some(({ keyId }) => keyId === keyID));
  if (rules.length === 0)
    throw releaseError('trust-change-invalid', `key ${keyID.slice(0, 12)} has no say in the waiting change`);
  const documents = new Set(rules.map(({ document }) => document));
  if (documents.has('root')) addSignatures(plan.nextRoot!, [key]);
  if (documents.has('targets')) addSignatures(plan.nextTargets!, [key]);
}

/**
 * Takes over the signatures of a copy that was signed elsewhere: those that hold, of keys that have a say. Any other would
 * stand in the way of a real one, or make the metadata larger than devices read. Throws `trust-plan-invalid` when the copy is
 * of another change.
 */
export function mergePlan(plan: TrustPlan, copy: TrustPlan): void {
  for (const part of ['nextRoot', 'nextTargets'] as const) {
    const [mine, other] = [plan[part], copy[part]];
    if (canonicalJson(mine?.signed.toJSON() ?? null) !== canonicalJson(other?.signed.toJSON() ?? null))
      throw releaseError('trust-plan-invalid', 'the file is of another change than the one that waits');
  }
  for (const { document, votes, metadata } of rulesOf(plan)) {
    const other = (document === 'root' ? copy.nextRoot : copy.nextTargets)!;
    for (const { keyId, key } of votes) {
      if (hasSigned(key, other)) metadata.signatures[keyId] = other.signatures[keyId]!;
    }
  }
}
