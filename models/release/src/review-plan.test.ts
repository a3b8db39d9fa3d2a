import { Key, Metadata, Root, TargetFile, Targets } from '@tufjs/models';
import { describe, expect, it } from 'vitest';
import { checkPlan, describeChange } from './review-plan.ts';
import { generateSigningKey, type SigningKey } from './signing-key.ts';
import { trustRoles } from './trust-metadata.ts';
import { encodePlan, nextRootOf, parsePlan, type TrustPlan } from './trust-plan.ts';
import { addSignatures, trustKeyOf } from './trust-signing.ts';

const expires = '2036-01-01T00:00:00Z';
const base = { specVersion: '1.0.31', expires };
const idOf = (key: SigningKey) => trustKeyOf(key).keyID;
const [server, ann, thief] = [generateSigningKey(), generateSigningKey(), generateSigningKey()];

function rootOf(keys: readonly SigningKey[], version = 1): Root {
  const root = new Root({ ...base, version, consistentSnapshot: true });
  for (const role of trustRoles) for (const key of keys) root.addKey(trustKeyOf(key), role);
  return root;
}

function listOf(paths: readonly string[], version: number): Targets {
  const targetOf = (path: string) => new TargetFile({ path, length: 1, hashes: { sha256: 'a'.repeat(64) } });
  const targets = Object.fromEntries(paths.map((path) => [path, targetOf(path)]));
  return new Targets({ ...base, version, targets });
}

const signed = <T extends Root | Targets>(value: T, key = server) =>
  addSignatures(new Metadata(value), [key]);

function standing(): Pick<TrustPlan, 'root' | 'targets'> {
  return { root: signed(rootOf([server])), targets: signed(listOf(['releases/apples/1.json'], 1)) };
}

/** Root passes from the server to Ann. */
function handedOver({ root, targets } = standing()): TrustPlan {
  const change = { role: 'root', add: [ann.publicKey], remove: [idOf(server)] } as const;
  return { root, targets, nextRoot: nextRootOf(root.signed, [change], expires) };
}

/** As it comes out of a file, like every copy that somebody is asked to sign. */
const copyOf = (plan: TrustPlan) => parsePlan(Buffer.from(encodePlan(plan)));

describe('what a person is shown before they sign', () => {
  it('has each difference, and who signs afterwards for each role', () => {
    const then = (role: string, key: SigningKey) => `${role}: then 1 of ${idOf(key)}`;
    expect(describeChange(copyOf(handedOver()))).toEqual([
      `root 1 becomes 2, until ${expires}`,
      `root: adds key ${idOf(ann)}`,
      `root: revokes key ${idOf(server)}`,
      ...trustRoles.map((role) => then(role, role === 'root' ? ann : server)),
    ]);
  });

  it('names a key that the file claims stood there before', () => {
    const forged = standing();
    const root = signed(rootOf([server, thief]), thief);
    const lines = describeChange(copyOf(handedOver({ ...forged, root })));
    expect(lines.filter((line) => line.includes('adds') && line.includes(idOf(thief)))).toEqual([]);
    expect(lines).toContain(`root: then 1 of ${idOf(thief)}, ${idOf(ann)}`);
  });

  it('says who signs still where only releases wait', () => {
    const nextTargets = new Metadata(listOf(['releases/apples/2.json'], 2));
    expect(describeChange(copyOf({ ...standing(), nextTargets }))).toEqual([
      `targets: still 1 of ${idOf(server)}`,
      `list of releases 1 becomes 2, until ${expires}`,
      `lists releases/apples/2.json, SHA-256 ${'a'.repeat(64)}`,
      'lists releases/apples/1.json no more',
    ]);
  });

  it('holds nothing that a terminal would obey', () => {
    const nextTargets = new Metadata(listOf(['releases/apples/1.json', '\u001b[2J\rnone'], 2));
    expect(describeChange(copyOf({ ...standing(), nextTargets })).join('')).toMatch(/^[ -~]*$/);
  });
});

describe('a copy that is to be signed', () => {
  it('is good when what stands in it is signed by its own keys', () => {
    expect(() => checkPlan(copyOf(handedOver()))).not.toThrow();
  });

  const renamed = new Key({ ...trustKeyOf(thief), keyID: idOf(ann) } as ConstructorParameters<typeof Key>[0]);
  const delegating = Targets.fromJSON({ ...listOf([], 2).toJSON(), delegations: { keys: {}, roles: [] } });
  const good = standing();
  it.each<[string, string, TrustPlan]>([
    [
      'its root is not signed by its own keys',
      'not signed by its keys',
      handedOver({ ...good, root: signed(rootOf([server]), thief) }),
    ],
    [
      'its list is not signed for its root',
      'not signed for its root',
      handedOver({ ...good, targets: signed(listOf([], 1), thief) }),
    ],
    [
      'a key goes under the id of another',
      'not the one of the key',
      { ...good, nextRoot: new Metadata(withKey(rootOf([server], 2), renamed)) },
    ],
    [
      'its list lets others list releases',
      'lets other keys list',
      { ...good, nextTargets: new Metadata(delegating) },
    ],
  ])('is refused when %s', (_, why, plan) => {
    expect(() => checkPlan(copyOf(plan))).toThrow(
      expect.objectContaining({ code: 'trust-plan-invalid', message: expect.stringContaining(why) }),
    );
  });
});

function withKey(root: Root, key: Key): Root {
  root.addKey(key, 'root');
  return root;
}
