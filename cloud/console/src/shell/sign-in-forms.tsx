import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { passwordCharsMin } from '@pomona/wire';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { Failure } from '../parts/failure.tsx';
import { Mark } from '../parts/icons.tsx';
import { Notice } from '../parts/notice.tsx';
import styles from './sign-in.module.css';

interface FormProps {
  readonly enter: () => Promise<void>;
}

export function SignInForm({ setupNeeded, enter }: FormProps & { readonly setupNeeded: boolean }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => sendJson('POST', '/v1/session', { name, password }),
    onSuccess: enter,
  });
  return (
    <Card title="Sign in" onSubmit={signIn.mutate}>
      {setupNeeded && (
        <Notice tone="calm" title="Nobody can sign in yet.">
          <p>
            <code>pomona up</code> printed a set-up link, which makes the first admin.
          </p>
        </Notice>
      )}
      <TextInput
        label="Name"
        autoComplete="username"
        autoFocus
        required
        value={name}
        onChange={take(setName)}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={take(setPassword)}
      />
      <Failure error={signIn.error} />
      <Button type="submit" disabled={signIn.isPending}>
        Sign in
      </Button>
    </Card>
  );
}

export function SetUpForm({ token, enter }: FormProps & { readonly token: string }) {
  const [name, setName] = useState('admin');
  const [password, setPassword] = useState('');
  const setUp = useMutation({
    mutationFn: () => sendJson('POST', '/v1/setup', { token, name, password }),
    onSuccess: enter,
  });
  return (
    <Card title="Set up Pomona" onSubmit={setUp.mutate}>
      <p>You become the first admin, and can let others in afterwards, under Settings.</p>
      <TextInput
        label="Name"
        description="Lower-case letters, digits and dashes"
        autoComplete="username"
        pattern="[a-z0-9][a-z0-9\-]{0,39}"
        required
        value={name}
        onChange={take(setName)}
      />
      <PasswordInput
        label="Password"
        description={`At least ${passwordCharsMin} characters`}
        autoComplete="new-password"
        minLength={passwordCharsMin}
        required
        value={password}
        onChange={take(setPassword)}
      />
      <Failure error={setUp.error} />
      <Button type="submit" disabled={setUp.isPending}>
        Become the admin
      </Button>
    </Card>
  );
}

/** Signs in by itself. A link that was used before does no harm to who is in already. */
export function FollowLink({
  token,
  isIn,
  enter,
}: FormProps & { readonly token: string; readonly isIn: boolean }) {
  const follow = useMutation({
    mutationFn: () => sendJson('POST', '/v1/session/link', { token }),
    onSuccess: enter,
  });
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    if (isIn) void enter();
    else follow.mutate();
  });
  return (
    <Card title="Signing in…" onSubmit={() => window.location.assign('/')}>
      <Failure error={follow.error} />
      {follow.isError && <Button type="submit">Sign in with a password</Button>}
    </Card>
  );
}

interface CardProps {
  readonly title: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

function Card({ title, onSubmit, children }: CardProps) {
  useDocumentTitle(`${title} · Pomona`);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={styles.card} onSubmit={submit}>
      <h1>
        <Mark /> {title}
      </h1>
      {children}
    </form>
  );
}

function take(set: (value: string) => void) {
  return (event: { readonly currentTarget: { readonly value: string } }) => set(event.currentTarget.value);
}
