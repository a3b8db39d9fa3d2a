import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { jobsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';

interface JobFormProps<T> {
  /** On the button. */
  readonly action: string;
  /** What has to be there before it can start; undefined where nothing is missing. */
  readonly lack?: ReactNode;
  /** What to know of it, where it can start. */
  readonly note?: ReactNode;
  /** Orders the job, or jobs. */
  readonly start: () => Promise<T>;
  readonly onStart?: (started: T) => void;
  readonly children: ReactNode;
}

/** Fields and a button that starts a job, which an operator may press. */
export function JobForm<T>({ action, lack, note, start, onStart, children }: JobFormProps<T>) {
  const client = useQueryClient();
  const roleLack = useRole().lacks('operator');
  const order = useMutation({
    mutationFn: start,
    onSettled: () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
    onSuccess: (started) => onStart?.(started),
  });
  return (
    <form
      className={form.fields}
      onSubmit={(event) => {
        event.preventDefault();
        order.mutate();
      }}
    >
      {children}
      <div className={form.submit}>
        <Button
          type="submit"
          loading={order.isPending}
          disabled={roleLack !== undefined || lack !== undefined}
          title={roleLack}
        >
          {action}
        </Button>
        <span>{roleLack ?? lack ?? note}</span>
      </div>
      <Failure error={order.error} />
    </form>
  );
}
