/** Two kept runs side by side: what went in, in the order in which one looks for a cause, then what came out. */
import type { ComparedRunValue, RunComparison, TrainingRunSummary, TrainingRunView } from '@pomona/wire';

type Value = ComparedRunValue['a'];
type Section = ComparedRunValue['section'];
type Values = ReadonlyMap<string, Value>;

export function compareRuns(a: TrainingRunView, b: TrainingRunView): RunComparison {
  const [left, right] = [valuesOf(a), valuesOf(b)];
  const rows = [...left.keys()].flatMap((section) =>
    rowsOf(section, left.get(section)!, right.get(section)!),
  );
  return {
    ...{ a: summaryOf(a), b: summaryOf(b), same: a.digest !== null && a.digest === b.digest, rows },
    curvesPartAt: curvesPartAt(a, b),
  };
}

/** Without what only one run's own page shows. */
export function summaryOf(run: TrainingRunView): TrainingRunSummary {
  const {
    asked: _,
    parameters: __,
    environment: ___,
    curve: ____,
    evaluated: _____,
    artifacts: ______,
    ...summary
  } = run;
  return summary;
}

/** The first that differs, of what goes in; undefined where all of that is the same. */
export function firstCause({ rows }: RunComparison): ComparedRunValue | undefined {
  return rows.find(({ section, same }) => !same && section !== 'figures' && section !== 'artifacts');
}

function rowsOf(section: Section, a: Values, b: Values): ComparedRunValue[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].map((name) => {
    const [one, other] = [a.get(name) ?? null, b.get(name) ?? null];
    return { section, name, a: one, b: other, same: one === other };
  });
}

function valuesOf(run: TrainingRunView): ReadonlyMap<Section, Values> {
  const { environment, asked, dataset, parameters } = run;
  return new Map<Section, Values>([
    [
      'data',
      // The same content under another name is the same data.
      new Map([
        ['dataset', dataset.digest],
        ...['fromWeights', 'splits'].flatMap((name) =>
          typeof asked[name] === 'string' ? [[name, asked[name]] as const] : [],
        ),
      ]),
    ],
    ['code', new Map([['revision', run.codeRevision]])],
    [
      'environment',
      new Map<string, Value>(
        environment === null
          ? []
          : [
              ['engine', environment.engine ?? 'onnx'],
              ['node', environment.node],
              ...Object.entries(environment.packages),
            ],
      ),
    ],
    [
      'platform',
      new Map<string, Value>(
        environment === null
          ? []
          : (['platform', 'arch', 'cpu', 'cores'] as const).map((name) => [name, environment[name]]),
      ),
    ],
    [
      'parameters',
      new Map<string, Value>([
        ['kind', run.kind],
        ['network', run.network],
        ['seed', run.seed],
        ...Object.entries(parameters ?? {}).filter(([name]) => name !== 'network'),
      ]),
    ],
    ['figures', figuresOf(run)],
    ['artifacts', new Map(run.artifacts.map(({ name, digest }) => [name, digest]))],
  ]);
}

function figuresOf({ epochs, evaluated }: TrainingRunView): Values {
  const values = new Map<string, Value>([['epochs', epochs]]);
  for (const { split, evaluation } of evaluated) {
    for (const name of ['accuracy', 'balancedAccuracy', 'macroF1', 'ece'] as const)
      values.set(`${split} ${name}`, evaluation[name]);
    for (const { label, recall } of evaluation.perClass) values.set(`${split} recall of ${label}`, recall);
  }
  return values;
}

function curvesPartAt({ curve: a }: TrainingRunView, { curve: b }: TrainingRunView): number | null {
  const at = a.findIndex((epoch, i) => b[i] !== undefined && JSON.stringify(epoch) !== JSON.stringify(b[i]));
  return at < 0 ? null : a[at]!.epoch;
}
