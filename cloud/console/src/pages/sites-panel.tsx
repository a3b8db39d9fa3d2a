import { Button, NumberInput, TextInput } from '@mantine/core';
import { noSiteDelivery, type SiteDelivery, type SiteDeliveryRequest, type SiteView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { sitesQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import styles from './settings-page.module.css';

/** How fast releases go to a site, and when they do not. */
export function SitesPanel() {
  const sites = useQuery(sitesQuery);
  const { lacks } = useRole();
  const [changed, setChanged] = useState<SiteView>();
  const lack = lacks('operator');
  return (
    <Panel title="Delivery to sites" note="In quiet hours no release is fetched and no sample sent">
      <Answer query={sites}>
        {(all) =>
          all.length === 0 ? (
            <p>No site yet: it comes with its first station.</p>
          ) : (
            <DataTable>
              <thead>
                <tr>
                  <th scope="col">Site</th>
                  <th scope="col">Stations</th>
                  <th scope="col">Cap</th>
                  <th scope="col">Quiet hours</th>
                  <th scope="col">Action</th>
                </tr>
              </thead>
              <tbody>
                {all.map((site) => (
                  <tr key={site.site}>
                    <td>{site.site}</td>
                    <td>{site.stations}</td>
                    <td>{capText(site.delivery)}</td>
                    <td>
                      {hoursText(site.delivery)}
                      {site.quietUntil !== null && (
                        <span className={table.soft}>now, until {formatDateTime(site.quietUntil)}</span>
                      )}
                    </td>
                    <td>
                      <Button
                        size="compact-xs"
                        variant="default"
                        disabled={lack !== undefined}
                        title={lack}
                        onClick={() => setChanged(site)}
                      >
                        Change
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </DataTable>
          )
        }
      </Answer>
      {changed && <SiteForm key={changed.site} view={changed} close={() => setChanged(undefined)} />}
    </Panel>
  );
}

interface SiteFormProps {
  readonly view: SiteView;
  readonly close: () => void;
}

function SiteForm({ view: { site, delivery }, close }: SiteFormProps) {
  const client = useQueryClient();
  const [cap, setCap] = useState<number | string>(delivery.kbitPerSMax ?? '');
  const [hours, setHours] = useState(delivery.quietHours ?? noHours);
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () => {
      const body: SiteDeliveryRequest = {
        kbitPerSMax: cap === '' ? noSiteDelivery.kbitPerSMax : Number(cap),
        quietHours: hours.from === '' && hours.to === '' ? noSiteDelivery.quietHours : hours,
        reason,
      };
      return sendJson<SiteView>('PUT', `/v1/sites/${encodeURIComponent(site)}/delivery`, body);
    },
    onSuccess: () => {
      close();
      return client.invalidateQueries({ queryKey: sitesQuery.queryKey });
    },
  });
  const hasHours = hours.from !== '' || hours.to !== '';
  return (
    <form
      className={styles.form}
      aria-label={`Delivery to ${site}`}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <NumberInput
        label={`Cap for ${site}, kbit/s`}
        placeholder="none"
        min={32}
        allowDecimal={false}
        value={cap}
        onChange={setCap}
      />
      <TextInput
        label="Quiet from"
        type="time"
        required={hasHours}
        value={hours.from}
        onChange={(event) => setHours({ ...hours, from: event.currentTarget.value })}
      />
      <TextInput
        label="Quiet to"
        type="time"
        required={hasHours}
        value={hours.to}
        onChange={(event) => setHours({ ...hours, to: event.currentTarget.value })}
      />
      <TextInput
        label="Time zone"
        required={hasHours}
        value={hours.zone}
        onChange={(event) => setHours({ ...hours, zone: event.currentTarget.value })}
      />
      <TextInput
        label="Reason"
        required
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button type="submit" loading={save.isPending}>
        Save
      </Button>
      <Button variant="default" onClick={close}>
        Leave it
      </Button>
      <Failure error={save.error} />
    </form>
  );
}

/** To begin with, the zone of whoever looks. */
const noHours = { from: '', to: '', zone: new Intl.DateTimeFormat().resolvedOptions().timeZone };

function capText({ kbitPerSMax }: SiteDelivery): string {
  return kbitPerSMax === null ? 'none' : `${kbitPerSMax} kbit/s`;
}

function hoursText({ quietHours }: SiteDelivery): string {
  return quietHours === null ? 'none' : `${quietHours.from}–${quietHours.to} ${quietHours.zone}`;
}
