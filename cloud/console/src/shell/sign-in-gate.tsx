import { Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../data/queries.ts';
import { Answer } from '../parts/answer.tsx';
import styles from './sign-in.module.css';
import { FollowLink, SetUpForm, SignInForm } from './sign-in-forms.tsx';

/** Shows the console to whoever is signed in, and the way in to everybody else. The address stays for afterwards. */
export function SignInGate({ children }: { readonly children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const client = useQueryClient();
  const { pathname, hash } = window.location;
  const token = new URLSearchParams(hash.slice(1)).get('token');
  const isLink = (pathname === '/sign-in' || pathname === '/setup') && token !== null;
  const enter = async () => {
    if (pathname === '/sign-in' || pathname === '/setup') window.history.replaceState(null, '', '/');
    await client.resetQueries();
  };
  if (session.data?.principal && !isLink) return children;
  if (session.isPending) return <Skeleton height={160} radius="md" aria-label="Loading" />;
  return (
    <main className={styles.page}>
      <Answer query={session}>
        {({ principal, setupNeeded }) => {
          if (pathname === '/sign-in' && token !== null)
            return <FollowLink token={token} isIn={principal !== null} enter={enter} />;
          if (setupNeeded && pathname === '/setup' && token !== null)
            return <SetUpForm token={token} enter={enter} />;
          return <SignInForm setupNeeded={setupNeeded} enter={enter} />;
        }}
      </Answer>
    </main>
  );
}
