/**
 * The files of The Update Framework (TUF specification 1.0.31) as Pomona uses them. Four roles: `root` names the keys,
 * `targets` lists what may be installed, `snapshot` pins the version of the list, `timestamp` pins the snapshot and is
 * the only one that expires soon. Snapshots are consistent: all files but `timestamp.json` carry their version in
 * their name and never change, so that a device cannot meet a publication half-way.
 *
 * A target is a release's manifest, by the path `releases/<name>/<version>.json`; its bytes are the blob of its digest.
 */
import type { ReleaseRef } from '@pomona/wire';

export const trustRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const;
export type TrustRole = (typeof trustRoles)[number];

/** Names that a repository has; anything else in its folder is not for others to read. */
export const metadataFilePattern = /^(timestamp|[1-9]\d{0,8}\.(root|targets|snapshot))\.json$/;

export const metadataBytesMax: Readonly<Record<TrustRole, number>> = {
  root: 65_536,
  targets: 5_000_000,
  snapshot: 65_536,
  timestamp: 16_384,
};

export function metadataFileOf(role: TrustRole, version: number): string {
  return role === 'timestamp' ? 'timestamp.json' : `${version}.${role}.json`;
}

export function targetPathOf(release: Pick<ReleaseRef, 'name' | 'version'>): string {
  return `releases/${release.name}/${release.version}.json`;
}

/** The version in the target path of a release of that name; 0 for any other path. */
export function versionInPath(path: string, name: string): number {
  const [folder, release, file = ''] = path.split('/');
  return folder === 'releases' && release === name ? Number.parseInt(file, 10) : 0;
}

/** A field of our own in the signed timestamp: when the server signed it. A device takes it as a floor of the time. */
export const signedAtField = 'x-pomona-signed-at';
