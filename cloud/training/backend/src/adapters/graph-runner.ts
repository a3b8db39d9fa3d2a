import { type Plan, planOf } from '../domain/graph/plan.ts';
import { sizeOf, type Value } from '../domain/graph/value.ts';
import { modelBytes } from '../domain/onnx/model.ts';
import { type NamedArray, type OrtSession, openSession } from './ort-session.ts';

/** Compiled graphs are kept up to this many; the one that was not used for longest goes first. */
const sessionCountMax = 48;
/** Graphs that compute fewer elements than this run on one thread. */
const parallelElementsMin = 65_536;

/** Runs graphs, and compiles each structure once. */
export class GraphRunner {
  readonly #sessions = new Map<string, OrtSession>();
  #compiled = 0;
  #runs = 0;
  readonly #profilePrefix: string | undefined;

  constructor(profilePrefix?: string) {
    this.#profilePrefix = profilePrefix;
  }

  /** Gives every target its data. */
  evaluate(targets: readonly Value[]): void {
    if (targets.length === 0) return;
    const plan = planOf(targets);
    const session = this.#sessionOf(plan);
    const inputs = new Map<string, NamedArray>();
    for (const source of plan.sources) {
      inputs.set(nameIn(plan)(source), { type: source.type, shape: source.shape, data: source.data! });
    }
    const outputs = session.run(inputs, targets.map(nameIn(plan)));
    this.#runs++;
    targets.forEach((target, at) => {
      target.data = outputs[at];
      target.operation = undefined;
      target.rectified = undefined;
      target.stored = undefined;
    });
  }

  get counts(): { readonly compiled: number; readonly runs: number; readonly cached: number } {
    return { compiled: this.#compiled, runs: this.#runs, cached: this.#sessions.size };
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
  }

  #sessionOf(plan: Plan): OrtSession {
    const known = this.#sessions.get(plan.key);
    if (known) {
      this.#sessions.delete(plan.key);
      this.#sessions.set(plan.key, known);
      return known;
    }
    const bytes = modelBytes(plan, { name: 'step', nameOf: nameIn(plan), inputs: plan.sources });
    const session = openSession(bytes, {
      profilePrefix: this.#profilePrefix,
      ...(elementCount(plan) < parallelElementsMin ? { threads: 1 } : {}),
    });
    this.#compiled++;
    this.#sessions.set(plan.key, session);
    if (this.#sessions.size > sessionCountMax) {
      const [oldest, unused] = this.#sessions.entries().next().value!;
      this.#sessions.delete(oldest);
      unused.dispose();
    }
    return session;
  }
}

function nameIn(plan: Plan): (value: Value) => string {
  return (value) => `v${plan.indexOf.get(value)}`;
}

function elementCount(plan: Plan): number {
  return plan.results.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
