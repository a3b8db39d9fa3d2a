import { CopyButton, UnstyledButton } from '@mantine/core';
import { shortDigest } from '../domain/format.ts';
import styles from './digest.module.css';

/** The short form; the whole digest on hovering, and copied on a click. */
export function Digest({ digest }: { readonly digest: string }) {
  return (
    <CopyButton value={digest} timeout={1_500}>
      {({ copied, copy }) => (
        <UnstyledButton
          className={styles.digest}
          onClick={copy}
          title={digest}
          aria-label={`Copy digest ${shortDigest(digest)}`}
        >
          {copied ? 'copied' : shortDigest(digest)}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
