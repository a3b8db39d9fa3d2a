import { Value } from '@pomona/schema';
import {
  KbitPerS,
  kbitPerSRange,
  noSiteDelivery,
  QuietHours,
  type SiteChange,
  type SiteDelivery,
  type SiteDeliveryRequest,
  type SiteView,
} from '@pomona/wire';
import { Command, InvalidArgumentError } from 'commander';
import { quietHoursText } from '../domain/quiet-hours.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface SiteOptions extends ServerOptions {
  readonly json?: true;
}

interface SetOptions extends SiteOptions {
  readonly cap?: ReturnType<typeof capOption>;
  readonly quietHours?: ReturnType<typeof quietHoursOption>;
  readonly reason: string;
}

export function siteCommand(): Command {
  const list = verb('list', 'every site with its cap and quiet hours').action(
    async (options: SiteOptions) => {
      const sites = await callServer<SiteView[]>(serverOf(options), '/v1/sites');
      createOutput(options.json === true).report(sites, describeSites(sites));
    },
  );
  const set = verb('set', 'how fast and when releases go to a site; what is left out stays as it is')
    .argument('<site>', 'its id')
    .option('--cap <kbit/s>', 'of release files for all of its stations together, or none', capOption)
    .option(
      '--quiet-hours <hours>',
      'no release is fetched and no sample sent, like "06:00-18:00 Europe/Zurich", or none',
      quietHoursOption,
    )
    .requiredOption('--reason <text>', 'why, for those who look later')
    .action(async (site: string, options: SetOptions) => {
      const server = serverOf(options);
      const { cap, quietHours, reason } = options;
      const known = (await callServer<SiteView[]>(server, '/v1/sites')).find((each) => each.site === site);
      const before = known?.delivery ?? noSiteDelivery;
      const request: SiteDeliveryRequest = {
        kbitPerSMax: changed(cap, before.kbitPerSMax),
        quietHours: changed(quietHours, before.quietHours),
        reason,
      };
      const path = `/v1/sites/${encodeURIComponent(site)}/delivery`;
      const view = await callServer<SiteView>(server, path, request, 'PUT');
      createOutput(options.json === true).report(view, describeSites([view]));
    });
  const log = verb('log', 'who changed a site’s cap and quiet hours, newest first')
    .argument('<site>', 'its id')
    .action(async (site: string, options: SiteOptions) => {
      const path = `/v1/sites/${encodeURIComponent(site)}/log`;
      const changes = await callServer<SiteChange[]>(serverOf(options), path);
      const rows = changes.map(({ at, actor, reason, delivery }) => [
        at,
        actor,
        capText(delivery),
        hoursText(delivery),
        reason,
      ]);
      const text = table(['at', 'by', 'cap', 'quiet hours', 'reason'], rows);
      createOutput(options.json === true).report(changes, rows.length === 0 ? 'Nothing was set.' : text);
    });
  return new Command('site')
    .description('how releases go to the stations of a packhouse')
    .addCommand(list)
    .addCommand(set)
    .addCommand(log);
}

/** Commander makes an empty text of a null. */
export function capOption(text: string): number | 'none' {
  if (text === 'none') return text;
  const kbitPerS = Number(text);
  if (Value.Check(KbitPerS, kbitPerS)) return kbitPerS;
  throw new InvalidArgumentError(
    `expected whole kbit/s from ${kbitPerSRange.minimum} to ${kbitPerSRange.maximum}, or none`,
  );
}

export function quietHoursOption(text: string): QuietHours | 'none' {
  if (text === 'none') return text;
  const [, from, to, zone] = /^(\d\d:\d\d)-(\d\d:\d\d) +(\S+)$/.exec(text.trim()) ?? [];
  const hours = { from, to, zone };
  if (Value.Check(QuietHours, hours)) return hours;
  throw new InvalidArgumentError(
    'expected times of day and a time zone, such as "06:00-18:00 Europe/Zurich", or none',
  );
}

function changed<T>(option: T | 'none' | undefined, before: T | null): T | null {
  if (option === undefined) return before;
  return option === 'none' ? null : option;
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function describeSites(sites: readonly SiteView[]): string {
  if (sites.length === 0) return 'No site yet: the first station makes one (pomona station enrol).';
  return table(
    ['site', 'stations', 'cap', 'quiet hours', 'now'],
    sites.map(({ site, stations, delivery, quietUntil }) => [
      site,
      stations,
      capText(delivery),
      hoursText(delivery),
      quietUntil === null ? '-' : `quiet until ${quietUntil}`,
    ]),
  );
}

function capText({ kbitPerSMax }: SiteDelivery): string {
  return kbitPerSMax === null ? 'none' : `${kbitPerSMax} kbit/s`;
}

function hoursText({ quietHours }: SiteDelivery): string {
  return quietHours === null ? 'none' : quietHoursText(quietHours);
}
