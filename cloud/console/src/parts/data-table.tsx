import type { ReactNode } from 'react';
import table from './table.module.css';

/** The one look of every table of figures; scrolls sideways by itself where it is too wide. */
export function DataTable({
  children,
  className,
}: {
  readonly children: ReactNode;
  readonly className?: string | undefined;
}) {
  return (
    <div className={table.scroll}>
      <table className={`${table.table} ${className ?? ''}`}>{children}</table>
    </div>
  );
}
