import { useServerNow } from '../data/live.tsx';
import { formatAgo, formatDateTime } from '../domain/format.ts';

/** How long ago, by the control plane's clock; the full instant on hovering. */
export function Ago({ at }: { readonly at: string }) {
  const nowMs = useServerNow();
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatAgo(nowMs - Date.parse(at))}
    </time>
  );
}
