import type { ReleaseRef } from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import { none } from '../domain/format.ts';
import { Digest } from './digest.tsx';
import styles from './release-name.module.css';

/** A release by name, version and the beginning of its digest. */
export function ReleaseName({ release }: { readonly release: ReleaseRef | null }) {
  if (release === null) return <span>{none}</span>;
  return (
    <span className={styles.release}>
      <Link to="/models/$name/$version" params={{ name: release.name, version: String(release.version) }}>
        {release.name} v{release.version}
      </Link>
      <Digest digest={release.digest} />
    </span>
  );
}
