import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import {
  type CreatedToken,
  passwordCharsMin,
  type Role,
  roles,
  type TokenView,
  type UserView,
} from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { tokensQuery, usersQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import { Page } from './page.tsx';
import styles from './settings-page.module.css';
import { SitesPanel } from './sites-panel.tsx';
import { WebhooksPanel } from './webhooks-panel.tsx';

/** How releases go to sites; who may do what, and who is told of alerts: users, API tokens and webhooks. */
export function SettingsPage() {
  const lacks = useRole().lacks('admin');
  return (
    <Page title="Settings" note="How releases go to sites, who may do what, and who is told of alerts">
      <SitesPanel />
      {lacks === undefined ? (
        <>
          <Users />
          <Tokens />
          <WebhooksPanel />
        </>
      ) : (
        <Notice tone="calm" title={lacks}>
          <p>Here admins add users and make tokens for programs. Ask one of them.</p>
        </Notice>
      )}
    </Page>
  );
}

function Users() {
  const users = useQuery(usersQuery);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  const add = useMutation({
    mutationFn: () => sendJson<UserView>('POST', '/v1/users', { name, password, role }),
    onSuccess: () => {
      setName('');
      setPassword('');
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (user: string) => sendJson('DELETE', `/v1/users/${encodeURIComponent(user)}`),
    onSuccess: refresh,
  });
  return (
    <Panel title="Users">
      <Answer query={users}>
        {(all) =>
          all.length === 0 ? (
            <p>No user yet: add one, who then signs in with name and password.</p>
          ) : (
            <Rows
              head={['Name', 'Role', 'Since']}
              rows={all.map((user) => ({
                key: user.name,
                cells: [user.name, user.role, formatDateTime(user.createdAt)],
                action: 'Remove',
              }))}
              act={remove.mutate}
            />
          )
        }
      </Answer>
      <Form submit={add.mutate}>
        <TextInput label="Name" required value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <PasswordInput
          label="Password"
          autoComplete="new-password"
          minLength={passwordCharsMin}
          required
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <RoleSelect role={role} setRole={setRole} />
        <Button type="submit" disabled={add.isPending}>
          Add user
        </Button>
      </Form>
      <Failure error={add.error ?? remove.error} />
    </Panel>
  );
}

function Tokens() {
  const tokens = useQuery(tokensQuery);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const create = useMutation({
    mutationFn: () => sendJson<CreatedToken>('POST', '/v1/tokens', { name, role }),
    onSuccess: () => {
      setName('');
      return refresh();
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => sendJson('DELETE', `/v1/tokens/${id}`),
    onSuccess: refresh,
  });
  return (
    <Panel title="API tokens" note="For programs that call the REST API">
      <Answer query={tokens}>{(all) => <TokenRows tokens={all} revoke={revoke.mutate} />}</Answer>
      <Form submit={create.mutate}>
        <TextInput label="What for" required value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <RoleSelect role={role} setRole={setRole} />
        <Button type="submit" disabled={create.isPending}>
          Create token
        </Button>
      </Form>
      {create.data && (
        <Notice tone="warn" title={`The token ${create.data.name}, shown this once`}>
          <code className={styles.secret}>{create.data.token}</code>
        </Notice>
      )}
      <Failure error={create.error ?? revoke.error} />
    </Panel>
  );
}

interface TokenRowsProps {
  readonly tokens: readonly TokenView[];
  readonly revoke: (id: string) => void;
}

function TokenRows({ tokens, revoke }: TokenRowsProps) {
  if (tokens.length === 0) return <p>No token yet.</p>;
  const rows = tokens.map((token) => ({
    key: token.id,
    cells: [token.name, token.role, token.createdBy, formatDateTime(token.expiresAt)],
    action: 'Revoke',
  }));
  return <Rows head={['What for', 'Role', 'Made by', 'Until']} rows={rows} act={revoke} />;
}

interface RowsProps {
  readonly head: readonly string[];
  readonly rows: readonly {
    readonly key: string;
    readonly cells: readonly string[];
    readonly action: string;
  }[];
  readonly act: (key: string) => void;
}

function Rows({ head, rows, act }: RowsProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          {head.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells, action }) => (
          <tr key={key}>
            {cells.map((cell, i) => (
              <td key={head[i]} className={table.whole}>
                {cell}
              </td>
            ))}
            <td>
              <Button size="compact-xs" variant="default" onClick={() => act(key)}>
                {action}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function Form({ submit, children }: { readonly submit: () => void; readonly children: ReactNode }) {
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      {children}
    </form>
  );
}

function RoleSelect({ role, setRole }: { readonly role: Role; readonly setRole: (role: Role) => void }) {
  return (
    <NativeSelect
      label="Role"
      data={[...roles]}
      value={role}
      onChange={(event) => setRole(roles.find((each) => each === event.currentTarget.value) ?? 'viewer')}
    />
  );
}
