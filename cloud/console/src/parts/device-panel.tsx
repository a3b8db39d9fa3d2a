import type { StationView } from '@pomona/wire';
import { none } from '../domain/format.ts';
import { Facts } from './facts.tsx';
import { Panel } from './panel.tsx';

/** What serves the station now. */
export function DevicePanel({ view }: { readonly view: StationView }) {
  const { reported, status } = view;
  return (
    <Panel title="Device">
      <Facts
        facts={[
          ['Board', status?.board ?? none],
          ['Agent', status?.agentVersion ?? none],
          ['Clock', status?.clock ?? none],
          ['Variant', reported?.running?.variant ?? none],
          ['Chosen because', reported?.running?.why ?? none],
          ['Recipe', reported?.recipeVersion ? `v${reported.recipeVersion}` : none],
        ]}
      />
    </Panel>
  );
}
