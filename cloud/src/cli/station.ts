import { writeFile } from 'node:fs/promises';
import {
  AppError,
  type CameraState,
  type CertificateState,
  type Claim,
  counted,
  type DesiredChange,
  type DesiredRequest,
  type GateState,
  type Health,
  isSlug,
  type ReleaseRef,
  type StationAddress,
  type StationRun,
  type StationView,
} from '@pomona/wire';
import { Command, InvalidArgumentError } from 'commander';
import { dataOption, integerOption, jsonOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface StationOptions extends ServerOptions {
  readonly json?: true;
}

interface RunPlace {
  readonly site?: string;
  readonly line?: string;
  readonly station?: string;
}

export function stationCommand(): Command {
  const list = stationVerb('list', 'every station and what it runs').action(
    async (options: StationOptions) => {
      const stations = await callServer<StationView[]>(serverOf(options), '/v1/stations');
      createOutput(options.json === true).report(stations, describeStations(stations));
    },
  );
  const show = stationVerb('show', 'one station: status, release, health, counts')
    .argument('<station>', 'its id')
    .action(async (station: string, options: StationOptions) => {
      const path = `/v1/stations/${encodeURIComponent(station)}`;
      const view = await callServer<StationView>(serverOf(options), path);
      createOutput(options.json === true).report(view, describeStation(view));
    });
  const history = stationVerb('history', 'what a station was told to run, newest first')
    .argument('<station>', 'its id')
    .action(async (station: string, options: StationOptions) => {
      const path = `/v1/stations/${encodeURIComponent(station)}/history`;
      const changes = await callServer<DesiredChange[]>(serverOf(options), path);
      const rows = changes.map((change) => [
        change.at,
        change.counter,
        releaseName(change.release),
        change.actor,
        change.reason,
      ]);
      const text = table(['from', 'counter', 'release', 'by', 'reason'], rows);
      createOutput(options.json === true).report(changes, rows.length === 0 ? 'Nothing yet.' : text);
    });
  const at = stationVerb('at', 'which release ran at an instant, as the stations reported it')
    .argument('<instant>', 'like 2026-10-14T10:00 in the time of this machine, or with Z or +02:00')
    .option('--site <site>', 'only there')
    .option('--line <line>', 'only on that line')
    .option('--station <station>', 'only that one')
    .action(async (text: string, options: StationOptions & RunPlace) => {
      const atMs = Date.parse(text);
      if (Number.isNaN(atMs)) throw new InvalidArgumentError(`${text} is no instant`);
      const query = new URLSearchParams({ at: new Date(atMs).toISOString() });
      for (const level of ['site', 'line', 'station'] as const) {
        const place = options[level];
        if (place !== undefined) query.set(level, place);
      }
      const runs = await callServer<StationRun[]>(serverOf(options), `/v1/running?${query}`);
      const rows = runs.map((run) => [
        `${run.site}/${run.line}/${run.station}`,
        releaseName(run.release),
        run.variant ?? '-',
        run.from,
        run.until ?? 'now',
      ]);
      createOutput(options.json === true).report(
        runs,
        rows.length === 0
          ? 'No such station had reported anything by then.'
          : table(['station', 'release', 'variant', 'from', 'until'], rows),
      );
    });
  const enrol = stationVerb('enrol', 'make a claim, with which a board becomes this station, once')
    .argument('<site/line/station>', 'where it stands; lower-case letters, digits and dashes', placeOption)
    .option('--valid-for <minutes>', 'until the claim expires', integerOption(1, 43_200), 1440)
    .option('--out <file>', 'write the claim there instead of printing it', pathOption)
    .action(async (place: StationAddress, options: StationOptions & { validFor: number; out?: string }) => {
      const request = { ...place, validForMinutes: options.validFor };
      const claim = await callServer<Claim>(serverOf(options), '/v1/stations/claims', request);
      const output = createOutput(options.json === true);
      if (options.out === undefined) return output.report(claim, JSON.stringify(claim, null, 2));
      // The token is a secret until it was used.
      await writeFile(options.out, `${JSON.stringify(claim, null, 2)}\n`, { mode: 0o600 });
      output.report(
        { file: options.out, expiresAt: claim.expiresAt },
        `wrote ${options.out}, good once until ${claim.expiresAt}`,
      );
    });
  const retry = stationVerb(
    'retry',
    'have a station try again what it should run, also where it rolled that back',
  )
    .argument('<station>', 'its id')
    .action(async (station: string, options: StationOptions) => {
      const server = serverOf(options);
      const path = `/v1/stations/${encodeURIComponent(station)}`;
      const { desired } = await callServer<StationView>(server, path);
      if (!desired?.release) throw nothingDesired(station);
      const { name, version } = desired.release;
      const request: DesiredRequest = { release: { name, version }, retry: true };
      const view = await callServer<StationView>(server, `${path}/desired`, request, 'PUT');
      createOutput(options.json === true).report(view, describeStation(view));
    });
  return new Command('station')
    .description('the camera positions on the lines, and the boards that serve them')
    .addCommand(list)
    .addCommand(show)
    .addCommand(enrol)
    .addCommand(history)
    .addCommand(at)
    .addCommand(retry);
}

function nothingDesired(station: string): AppError {
  return new AppError(
    'release-not-desired',
    `${station} should run no release, so there is none to try again`,
    {
      hint: 'Bring it one: pomona rollout create.',
    },
  );
}

export function placeOption(text: string): StationAddress {
  const parts = text.split('/');
  if (parts.length !== 3 || !parts.every(isSlug)) {
    throw new InvalidArgumentError('expected SITE/LINE/STATION of lower-case letters, digits and dashes');
  }
  const [site, line, station] = parts as [string, string, string];
  return { site, line, station };
}

function stationVerb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function describeStations(stations: readonly StationView[]): string {
  if (stations.length === 0)
    return 'No station yet: make a claim with `pomona station enrol SITE/LINE/STATION`.';
  return table(
    ['station', 'state', 'release', 'update', 'fruits', 'fruits/s', 'last seen'],
    stations.map((view) => [
      placeOf(view),
      conditionText(view),
      releaseName(view.reported?.running?.release),
      view.reported?.update.state ?? '-',
      view.fruits,
      Number(view.fruitsPerSecond.toFixed(1)),
      view.lastSeenAt ?? '-',
    ]),
  );
}

function describeStation(view: StationView): string {
  const health = view.health;
  const update = view.reported?.update;
  const reason = update?.reason ? ` (${update.reason})` : '';
  const slots = view.reported?.slots?.map(
    ({ name, release, state }) => `${name}: ${state} ${releaseName(release)}`,
  );
  const refused = view.reported?.refused ?? [];
  const lines = [
    `${placeOf(view)}  ${conditionText(view)}, last seen ${view.lastSeenAt ?? '-'}`,
    `desired   ${releaseName(view.desired?.release)}, counter ${view.desired?.counter ?? 0}`,
    `running   ${releaseName(view.reported?.running?.release)}, update ${update?.state ?? '-'}${reason}`,
    ...(slots ? [`slots     ${slots.join(', ')}`] : []),
    ...(refused.length > 0 ? [`refused   ${refused.map((digest) => digest.slice(0, 12)).join(', ')}`] : []),
    `fruits    ${view.fruits}: ${view.grades.map(({ grade, count }) => `${count} ${grade}`).join(', ')}`,
  ];
  if (health) {
    lines.push(
      `line      ${health.framesPerSecond.toFixed(1)} frames/s, p99 ${health.latencyMs.p99.toFixed(0)} ms, ` +
        `${counted(health.missedDeadlines, 'missed deadline')}, ${counted(health.droppedFrames, 'dropped frame')}`,
      `board     cpu ${health.cpuPercent.toFixed(0)} %, load ${health.loadAverage?.toFixed(2) ?? '-'}, ` +
        `memory ${health.rssMb.toFixed(0)} MB, disk free ${health.diskFreeMb.toFixed(0)} MB, outbox ${health.outboxDepth}`,
      ...(health.camera === undefined ? [] : [`camera    ${cameraText(health.camera)}`]),
      ...(health.gates === undefined ? [] : [`gates     ${gatesText(health.gates)}`]),
      ...(health.certificate === undefined ? [] : [`identity  ${certificateText(health.certificate)}`]),
      `heat      ${health.temperatureC === null ? 'not measured' : `${health.temperatureC.toFixed(0)} °C`}, ${throttleText(health)}`,
    );
  }
  return lines.join('\n');
}

function cameraText({ faults, why }: CameraState): string {
  if (faults.length === 0) return 'fine';
  return why === undefined ? faults.join(', ') : `${faults.join(', ')}: ${why}`;
}

function gatesText({ connected, why, fired, late, failed, confirmed, unconfirmed }: GateState): string {
  const seen =
    confirmed === undefined ? '' : `, ${confirmed} seen leaving, ${unconfirmed ?? 0} not seen leaving`;
  const away = why === undefined ? 'away' : `away (${why})`;
  return `${connected ? 'connected' : away}, ${fired} opened, ${late} late, ${failed} failed${seen}`;
}

function conditionText({ condition, enrolledAt }: StationView): string {
  if (condition === 'never-seen') return enrolledAt === null ? 'not enrolled' : 'never seen';
  return condition;
}

function certificateText({ endsAt, trouble }: CertificateState): string {
  return `certificate good until ${endsAt}${trouble === undefined ? '' : `; no new one comes: ${trouble}`}`;
}

function throttleText({ throttled }: Health): string {
  if (!throttled) return 'does not tell of throttling';
  const { now, sinceBoot } = throttled;
  if (now.length > 0) return now.join(', ');
  return sinceBoot.length > 0 ? `not throttled now, since boot ${sinceBoot.join(', ')}` : 'not throttled';
}

function placeOf(view: StationView): string {
  return `${view.site}/${view.line}/${view.station}`;
}

function releaseName(release: ReleaseRef | null | undefined): string {
  return release ? `${release.name}@${release.version} ${release.digest.slice(0, 12)}` : '-';
}
