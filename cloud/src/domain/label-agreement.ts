/** How far people who label agree, beyond what chance would give them. Pure. */
import { counted, type LabelAgreement, wilsonInterval } from '@pomona/wire';

/** One fruit that two people labelled, the second without knowing the first label. */
export interface TwoOpinions {
  readonly first: { readonly by: string; readonly label: string };
  readonly second: { readonly by: string; readonly label: string };
}

type Agreement = LabelAgreement['overall'];
type Pair = readonly [one: string, other: string];

/** With 30 fruits the interval of a κ near 0.8 is 0.4 wide already; with fewer it says nothing. */
export const agreementFruitsMin = 30;

/**
 * κ = (pₒ − pₑ) / (1 − pₑ): the share on which they agree, against the share on which two would who gave each grade as often as they did
 * (Cohen 1960). `overall` takes all first opinions for one person's and all second ones for another's.
 */
export function labelAgreement(opinions: readonly TwoOpinions[]): LabelAgreement {
  const byPeople = new Map<string, { people: [string, string]; labels: Pair[] }>();
  for (const { first, second } of opinions) {
    const isInOrder = first.by < second.by;
    const people: [string, string] = isInOrder ? [first.by, second.by] : [second.by, first.by];
    const labels: Pair = isInOrder ? [first.label, second.label] : [second.label, first.label];
    const key = JSON.stringify(people);
    const known = byPeople.get(key);
    if (known) known.labels.push(labels);
    else byPeople.set(key, { people, labels: [labels] });
  }
  const pairs = [...byPeople.values()].map(({ people, labels }) => ({
    people,
    ...agreementOf(labels, `${people[0]} and ${people[1]}`),
  }));
  return {
    fruitsMin: agreementFruitsMin,
    overall: agreementOf(
      opinions.map(({ first, second }) => [first.label, second.label]),
      'All who labelled',
    ),
    pairs: pairs.sort((a, b) => b.fruits - a.fruits || (a.people.join() < b.people.join() ? -1 : 1)),
  };
}

function agreementOf(labels: readonly Pair[], who: string): Agreement {
  const fruits = labels.length;
  const agreed = labels.filter(([one, other]) => one === other).length;
  const figures = { fruits, agreed, kappa: null, interval: null, mostly: mostlyOf(labels) };
  const told = `${who} agree on ${agreed} of ${counted(fruits, 'fruit')}`;
  if (fruits < agreementFruitsMin) {
    const words = `${fruits === 0 ? 'No fruit was labelled by two people so far' : told}. Insufficient data: at least ${agreementFruitsMin} are needed.`;
    return { ...figures, verdict: 'insufficient-data', words };
  }
  const byChance = chanceOf(labels);
  if (byChance === 1) {
    const words = `${told}, all of one grade: that says nothing of how they tell grades apart.`;
    return { ...figures, verdict: 'one-grade', words };
  }
  const kappaAt = (share: number) => (share - byChance) / (1 - byChance);
  const kappa = kappaAt(agreed / fruits);
  // Wilson's interval of the observed share. κ's own large-sample error (Fleiss, Cohen and Everitt 1969) is zero where all agree, which is
  // what people who know apples come near to; this one is not. The share by chance is taken as known, as Cohen did.
  const [low, high] = wilsonInterval(agreed / fruits, fruits).map(kappaAt) as [number, number];
  const verdict = verdictOf(kappa);
  const range = `κ ${kappa.toFixed(2)}; with more fruit it may turn out between ${low.toFixed(2)} and ${high.toFixed(2)}`;
  const words = `${told} (${Math.round((100 * agreed) / fruits)} %), ${verdictWords[verdict]} (${range}).${mostlyWords(figures.mostly, fruits - agreed)}`;
  return { ...figures, kappa, interval: [low, high], verdict, words };
}

/** The share on which they would agree if neither looked at the fruit. */
function chanceOf(labels: readonly Pair[]): number {
  const shareOf = (side: 0 | 1, grade: string) =>
    labels.filter((pair) => pair[side] === grade).length / labels.length;
  return [...new Set(labels.flat())].reduce((sum, grade) => sum + shareOf(0, grade) * shareOf(1, grade), 0);
}

type Verdict = Exclude<Agreement['verdict'], 'insufficient-data' | 'one-grade'>;

/** Of Landis and Koch (1977), as words for somebody who must act by them. */
function verdictOf(kappa: number): Verdict {
  if (kappa > 0.8) return 'very-good';
  if (kappa > 0.6) return 'good';
  return kappa > 0.4 ? 'moderate' : 'poor';
}

const verdictWords: Readonly<Record<Verdict, string>> = {
  poor: 'hardly more than by chance: settle first what each grade means, then label on',
  moderate: 'more than by chance, yet too little to learn from: look at the disputed fruit together',
  good: 'well',
  'very-good': 'very well',
};

function mostlyOf(labels: readonly Pair[]): Agreement['mostly'] {
  const counts = new Map<string, number>();
  for (const [one, other] of labels) {
    if (one === other) continue;
    const key = JSON.stringify([one, other].sort());
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most === undefined ? null : { grades: JSON.parse(most[0]) as [string, string], fruits: most[1] };
}

function mostlyWords(mostly: Agreement['mostly'], differ: number): string {
  if (mostly === null) return '';
  return ` Where they differ it is mostly between ${mostly.grades[0]} and ${mostly.grades[1]} (${mostly.fruits} of ${differ}).`;
}
