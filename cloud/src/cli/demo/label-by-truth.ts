import { type Clock, type SampleView, systemClock } from '@pomona/wire';
import type { ControlPlane } from '../../control-plane.ts';
import { type LabelPorts, labelSample } from '../../use-cases/label-sample.ts';
import type { DemoStation } from './demo-station.ts';
import { type TrueFruit, trueFruitAt } from './score-line.ts';

interface TruthOfStation {
  readonly station: string;
  /** Positions are of one boot: the belt begins at 0 with the next. */
  readonly boot: string;
  readonly truth: readonly TrueFruit[];
}

interface SampleStore {
  list(query: {
    readonly station: string;
    readonly state: 'unlabelled';
    readonly limit: number;
  }): Promise<SampleView[]>;
}

const readMax = 1_000;
const truthItself = { name: 'truth', isAdmin: false, source: 'scenario-truth' } as const;

/** Labels what the stations sent since their start, as `labelByTruth`. Returns how many. */
export async function labelStations(
  { stores, overview }: Pick<ControlPlane, 'stores' | 'overview'>,
  stations: readonly Pick<DemoStation, 'address' | 'readTruth'>[],
): Promise<number> {
  const views = (await overview()).stations;
  let labelled = 0;
  for (const each of stations) {
    const { station } = each.address;
    const boot = views.find((view) => view.station === station)?.reported?.boot;
    if (boot === undefined) continue;
    const truth = await each.readTruth();
    labelled += await labelByTruth(stores.samples, systemClock, { station, boot, truth });
  }
  return labelled;
}

/** Labels what nobody labelled yet with the grade that the fruit really has, as `truth`. Returns how many. */
export async function labelByTruth(
  store: SampleStore & LabelPorts['store'],
  clock: Clock,
  { station, boot, truth }: TruthOfStation,
): Promise<number> {
  let labelled = 0;
  for (const sample of await store.list({ station, state: 'unlabelled', limit: readMax })) {
    if (sample.fruit === null) continue;
    const { lane, positionMm } = sample.fruit;
    // Null until its fruit is stored, which may be a moment later.
    if (sample.fruit.boot !== boot || positionMm === null) continue;
    const fruit = trueFruitAt(truth, { lane, positionMm });
    if (fruit === undefined) continue;
    await labelSample({ store, clock }, sample.id, { label: fruit.grade }, truthItself);
    labelled++;
  }
  return labelled;
}
