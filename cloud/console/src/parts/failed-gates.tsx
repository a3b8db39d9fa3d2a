import { Checkbox } from '@mantine/core';
import type { ModelView } from '@pomona/wire';
import { useRole } from '../data/role.ts';
import { gatesAgainst } from '../domain/gates-against.ts';

interface FailedGatesProps {
  readonly model: ModelView;
  readonly override: boolean;
  readonly onChange: (override: boolean) => void;
  readonly className?: string | undefined;
}

/** What keeps a version from the stations, and how an admin lets it go there all the same; nothing for one that passed. */
export function FailedGates({ model, override, onChange, className }: FailedGatesProps) {
  const { lacks } = useRole();
  const why = gatesAgainst(model);
  if (why === undefined) return null;
  if (lacks('admin') !== undefined)
    return (
      <p className={className}>
        {model.name}@{model.version}: {why}. An admin may override that with a reason.
      </p>
    );
  return (
    <Checkbox
      className={className ?? ''}
      label={`In spite of gates, which is logged (${why})`}
      checked={override}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
