export interface TestedVariant {
  readonly name: string;
  readonly ok: boolean;
  readonly msPerView: number;
  /** For a person; empty when ok. */
  readonly reason: string;
}

export interface VariantChoice {
  readonly variant: string;
  /** For a person: what was found of each, in one sentence. */
  readonly why: string;
}

const whyLengthMax = 500;

/** The fastest that is right; undefined when none is. */
export function chooseVariant(tested: readonly TestedVariant[]): VariantChoice | undefined {
  const right = tested.filter(({ ok }) => ok).sort((a, b) => a.msPerView - b.msPerView);
  const [best, ...slower] = right;
  if (best === undefined) return undefined;
  const times = [
    `${best.name}: ${milliseconds(best)} ms per view`,
    ...slower.map((each) => `${each.name} ${milliseconds(each)}`),
  ].join(', ');
  const verdicts = tested.filter(({ ok }) => !ok).map(({ name, reason }) => `${name} is wrong: ${reason}`);
  if (verdicts.length === 0 && slower.length > 0)
    verdicts.push(slower.length === 1 ? 'both right' : 'all right');
  return { variant: best.name, why: [times, ...verdicts].join('; ').slice(0, whyLengthMax) };
}

function milliseconds({ msPerView }: TestedVariant): string {
  return msPerView.toPrecision(2);
}
