import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sendJson } from '../adapters/api.ts';
import { useRole } from '../data/role.ts';
import styles from './sign-in.module.css';

export function WhoAmI() {
  const { caller } = useRole();
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => sendJson('DELETE', '/v1/session'),
    // Nothing that was read stays in the page.
    onSuccess: () => window.location.reload(),
    onError: () => client.invalidateQueries(),
  });
  if (caller === null) return null;
  return (
    <div className={styles.who}>
      <span title={`Signed in as ${caller.name}`}>
        {caller.name}, {caller.role}
      </span>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => signOut.mutate()}>
        Sign out
      </Button>
    </div>
  );
}
