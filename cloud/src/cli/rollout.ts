import {
  AppError,
  counted,
  defaultRolloutPlan,
  type ModelAlias,
  type RolloutDetail,
  type RolloutPlan,
  type RolloutRequest,
  type RolloutView,
  type StationQuery,
} from '@pomona/wire';
import { Command, InvalidArgumentError } from 'commander';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';
import { type ShadowOptions, shadowOf, withShadowOptions } from './shadow-options.ts';

interface RolloutOptions extends ServerOptions {
  readonly json?: true;
}
interface CreateOptions extends RolloutOptions, ShadowOptions {
  readonly release: string;
  readonly where?: StationQuery;
  readonly canary?: number;
  readonly waves?: RolloutPlan['waves'];
  readonly soak?: number;
  readonly failures?: number;
  readonly onFailure?: 'pause' | 'rollback';
  readonly now?: true;
  readonly gradeMove?: number;
  readonly override?: true;
  readonly reason: string;
}

const idArgument = integerOption(1, Number.MAX_SAFE_INTEGER);

export function rolloutCommand(): Command {
  const create = withShadowOptions(verb('create', 'bring a release to the stations that match, wave by wave'))
    .requiredOption('--release <name@version>', 'what they are to run; or name@alias', releaseOption)
    .option(
      '--where <attribute=pattern,…>',
      'to which stations, by site, line, station, board or release, as site=valley or line=line-1,line-2; can be repeated (all)',
      (text: string, before?: StationQuery) => whereOption(text, before ?? {}),
    )
    .option('--canary <n>', 'stations of the first wave; below 1 a share', numberOption(0, 1_000_000))
    .option(
      '--waves <base[,factor[,max]]>',
      'stations of the next wave, how many times as many in each after it, and the most of one',
      wavesOption,
    )
    .option('--soak <seconds>', 'how long each wave is watched before the next', numberOption(0, 2_592_000))
    .option('--failures <n>', 'more failures than this stop it; below 1 a share', numberOption(0, 1_000_000))
    .option('--on-failure <what>', 'pause or rollback', onFailureOption)
    .option('--now', 'in the quiet hours of a site too')
    .option(
      '--grade-move <share>',
      'how much of the fruit may move into or out of a grade (0.3); 1 for a recipe with other grades',
      numberOption(0, 1),
    )
    .option('--override', 'in spite of failed gates, as an admin; it is logged with the reason')
    .requiredOption('--reason <text>', 'why, for those who look later')
    .action(async (options: CreateOptions) => {
      const { canary, waves, soak, failures, onFailure, gradeMove } = options;
      const server = serverOf(options);
      const shadow = shadowOf(options);
      const body: RolloutRequest = {
        release: await releaseOf(server, options.release),
        query: options.where ?? {},
        plan: {
          ...(canary === undefined ? {} : { canary }),
          ...(waves === undefined ? {} : { waves }),
          ...(soak === undefined ? {} : { soakS: soak }),
          ...(gradeMove === undefined
            ? {}
            : { health: { ...defaultRolloutPlan.health!, gradeShareMove: gradeMove } }),
          ...(shadow && { shadow }),
          ...(failures === undefined ? {} : { failuresMax: failures }),
          ...(onFailure === undefined ? {} : { onFailure }),
        },
        ...(options.now === true ? { now: true } : {}),
        ...(options.override === true ? { override: true } : {}),
        reason: options.reason,
      };
      report(options, await callServer<RolloutDetail>(server, '/v1/rollouts', body));
    });
  const list = verb('list', 'every rollout, newest first').action(async (options: RolloutOptions) => {
    const rollouts = await callServer<RolloutView[]>(serverOf(options), '/v1/rollouts');
    createOutput(options.json === true).report(rollouts, describeRollouts(rollouts));
  });
  const show = verb('show', 'one rollout: waves, stations, what happened')
    .argument('<id>', 'its number', idArgument)
    .action(async (id: number, options: RolloutOptions) =>
      report(options, await callServer<RolloutDetail>(serverOf(options), `/v1/rollouts/${id}`)),
    );
  const command = new Command('rollout').description('brings a release to many stations, and back');
  for (const each of [create, list, show, ...actionVerbs()]) command.addCommand(each);
  return command;
}

function actionVerbs(): Command[] {
  const texts = {
    pause: 'send nothing more until it is resumed',
    resume: 'go on, with the failures so far accepted',
    cancel: 'end it; stations keep what they were sent',
    rollback: 'give every station that was sent it its earlier release again',
    now: 'go on in the quiet hours of a site too',
  };
  return Object.entries(texts).map(([action, text]) =>
    verb(action, text)
      .argument('<id>', 'the rollout’s number', idArgument)
      .requiredOption('--reason <text>', 'why, for those who look later')
      .action(async (id: number, options: RolloutOptions & { readonly reason: string }) => {
        const path = `/v1/rollouts/${id}/${action}`;
        report(options, await callServer<RolloutDetail>(serverOf(options), path, { reason: options.reason }));
      }),
  );
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function report(options: RolloutOptions, rollout: RolloutDetail): void {
  createOutput(options.json === true).report(rollout, describeRollout(rollout));
}

function releaseOption(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}@[a-z0-9][a-z0-9-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('expected name@version, such as apples@3, or name@alias');
}

/** What an alias points at now; a rollout keeps to that version when the alias moves. */
async function releaseOf(server: string, reference: string): Promise<RolloutRequest['release']> {
  const [name = '', pointer = ''] = reference.split('@');
  if (/^[1-9]\d{0,8}$/.test(pointer)) return { name, version: Number(pointer) };
  const aliases = await callServer<ModelAlias[]>(server, `/v1/models/${name}/aliases`);
  const found = aliases.find(({ alias }) => alias === pointer);
  if (found) return { name, version: found.version };
  throw new AppError('model-unknown', `there is no model ${reference}`, {
    hint: 'See what there is with `pomona model list` and `pomona model log NAME`.',
  });
}

/** Collects; an attribute that is named again is replaced. */
export function whereOption(text: string, before: StationQuery): StationQuery {
  const [, name, patterns] = /^(site|line|station|board|release)=(.+)$/.exec(text) ?? [];
  if (name === undefined || patterns === undefined)
    throw new InvalidArgumentError(
      'expected site, line, station, board or release, =, and patterns such as line-*',
    );
  return { ...before, [name]: patterns.split(',') };
}

/** What is left out is as in `defaultRolloutPlan`. */
export function wavesOption(text: string): RolloutPlan['waves'] {
  const [, base, factor, max] =
    /^([1-9]\d{0,5})(?:,(\d{1,2}(?:\.\d{1,3})?|100)(?:,([1-9]\d{0,5}))?)?$/.exec(text) ?? [];
  const waves = {
    base: Number(base),
    factor: Number(factor ?? defaultRolloutPlan.waves.factor),
    max: Number(max ?? defaultRolloutPlan.waves.max),
  };
  if (base === undefined || waves.factor < 1)
    throw new InvalidArgumentError(
      'expected stations, a factor from 1 to 100, and the most, such as 10,3,500',
    );
  return max === undefined ? { ...waves, max: Math.max(waves.max, waves.base) } : waves;
}

function onFailureOption(text: string): string {
  if (text !== 'pause' && text !== 'rollback') throw new InvalidArgumentError('expected pause or rollback');
  return text;
}

function describeRollouts(rollouts: readonly RolloutView[]): string {
  if (rollouts.length === 0) return 'No rollout yet: make one with `pomona rollout create`.';
  return table(
    ['rollout', 'release', 'status', 'wave', 'stations', 'outcomes', 'why'],
    rollouts.map((each) => [
      each.id,
      `${each.release.name}@${each.release.version}`,
      each.status,
      isShadowing(each) ? 'shadow' : `${each.wave + 1} of ${each.waves.length}`,
      each.stations,
      outcomesText(each.outcomes),
      each.why ?? '-',
    ]),
  );
}

function describeRollout(rollout: RolloutDetail): string {
  const { release, why } = rollout;
  const lines = [
    `rollout ${rollout.id}  ${release.name}@${release.version} to ${counted(rollout.stations, 'station')}: ${rollout.status}`,
    ...(why === null ? [] : [`why       ${why}`]),
    `reason    ${rollout.reason} (${rollout.actor}, ${rollout.createdAt})`,
    ...describeShadow(rollout),
    ...rollout.waves.map(
      (wave, index) =>
        `wave ${index + 1}    ${counted(wave.stations, 'station')}: ${outcomesText(wave.outcomes)}`,
    ),
    ...rollout.members
      .filter(({ reason }) => reason !== null)
      .slice(0, 20)
      .map(({ station, outcome, reason }) => `${station}  ${outcome}: ${reason}`),
    ...rollout.events.map(({ at, kind, actor, reason }) => `${at}  ${kind} by ${actor}: ${reason}`),
  ];
  return lines.join('\n');
}

function isShadowing({ shadow }: RolloutView): boolean {
  return shadow !== null && shadow.endedAt === null;
}

function describeShadow({ shadow, members }: RolloutDetail): string[] {
  if (shadow === null) return [];
  const { stations, ready, fruits } = shadow;
  const state = shadow.endedAt === null ? 'goes on' : `ended ${shadow.endedAt}`;
  const all = `shadow    ${state}: ${counted(fruits, 'fruit')} compared, ${agreementText(shadow.agreement)}; enough at ${ready} of ${counted(stations, 'station')}`;
  const each = members.flatMap(({ station, shadow: own }) =>
    own === null
      ? []
      : [
          `          ${station}  ${own.state}: ${counted(own.figures?.fruits ?? 0, 'fruit')}, ${agreementText(own.agreement)}${own.reason === null ? '' : `, ${own.reason}`}`,
        ],
  );
  return [all, ...each.slice(0, 20)];
}

function agreementText(agreement: number | null): string {
  return agreement === null ? 'no agreement yet' : `${(agreement * 100).toFixed(1)} % alike`;
}

function outcomesText(outcomes: RolloutView['outcomes']): string {
  return outcomes.map(({ outcome, count }) => `${count} ${outcome}`).join(', ');
}
