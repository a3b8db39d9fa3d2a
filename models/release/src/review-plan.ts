/**
 * What a person sees of a waiting change before they sign it, and what must hold of a copy for that to be true. The copy comes
 * from a server that may have been taken over. What is different is told against a root and a list in the same file, which
 * nobody vouches for but the keys that they name. So who signs afterwards is stated whole: a stranger's key is in that list,
 * whatever the file claims that stood before.
 */
import type { Key, Metadata, Root } from '@tufjs/models';
import { canonicalJson, digestOf } from './digest.ts';
import { releaseError } from './release-errors.ts';
import type { RoleRule, TrustPlan } from './trust-plan.ts';
import { isSignedFor } from './trust-signing.ts';

/** A line for each difference and, for each role, who signs. */
export function describeChange({ root, targets, nextRoot, nextTargets }: TrustPlan): string[] {
  const lines = nextRoot ? rootLines(root.signed, nextRoot.signed) : [];
  if (nextTargets) {
    if (!nextRoot) lines.push(outcomeLine(root.signed, 'targets', 'still'));
    const { version, expires } = nextTargets.signed;
    lines.push(`list of releases ${targets.signed.version} becomes ${version}, until ${expires}`);
    const [before, after] = [targets.signed.targets, nextTargets.signed.targets];
    for (const [path, { hashes }] of Object.entries(after))
      if (before[path]?.hashes.sha256 !== hashes.sha256)
        lines.push(`lists ${path}, SHA-256 ${hashes.sha256}`);
    for (const path of Object.keys(before)) if (!after[path]) lines.push(`lists ${path} no more`);
  }
  // A name with control characters could take other lines off a terminal.
  return lines.map((line) => line.replace(/[^ -~]/g, '?'));
}

function rootLines(before: Root, after: Root): string[] {
  const lines = [`root ${before.version} becomes ${after.version}, until ${after.expires}`];
  for (const [name, { keyIDs, threshold }] of Object.entries(after.roles)) {
    const old: RoleRule = before.roles[name] ?? { keyIDs: [], threshold: 0 };
    for (const keyId of keyIDs) if (!old.keyIDs.includes(keyId)) lines.push(`${name}: adds key ${keyId}`);
    for (const keyId of old.keyIDs) if (!keyIDs.includes(keyId)) lines.push(`${name}: revokes key ${keyId}`);
    if (threshold !== old.threshold)
      lines.push(`${name}: wants ${threshold} signatures instead of ${old.threshold}`);
  }
  return [...lines, ...Object.keys(after.roles).map((name) => outcomeLine(after, name, 'then'))];
}

function outcomeLine({ roles }: Root, name: string, when: 'then' | 'still'): string {
  const { keyIDs, threshold } = roles[name]!;
  return `${name}: ${when} ${threshold} of ${keyIDs.join(', ')}`;
}

/**
 * Throws `trust-plan-invalid` for a copy whose description would not be the whole truth: what stands in it is not signed by its
 * own keys, an id is not the one of its key, or its list has releases listed by others.
 */
export function checkPlan({ root, targets, nextRoot, nextTargets }: TrustPlan): void {
  const wrong = (why: string) => releaseError('trust-plan-invalid', `do not sign this file: ${why}`);
  if (!isSignedFor(root, 'root', root)) throw wrong('the root that it says stands is not signed by its keys');
  if (!isSignedFor(root, 'targets', targets))
    throw wrong('the list of releases that it says stands is not signed for its root');
  if ([root, nextRoot].some(hasMisnamedKey))
    throw wrong('an id in it is not the one of the key that it stands for');
  if (targets.signed.delegations || nextTargets?.signed.delegations)
    throw wrong('its list of releases lets other keys list some');
}

/** The TUF specification lets an id be any text (4.3); a person knows keys by the digest alone. */
function hasMisnamedKey(root: Metadata<Root> | undefined): boolean {
  const digest = (key: Key) => digestOf(Buffer.from(canonicalJson(key.toJSON())));
  return Object.entries(root?.signed.keys ?? {}).some(([keyId, key]) => keyId !== digest(key));
}
