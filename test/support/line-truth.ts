/** What really passed a station's camera, as the simulated line writes it down. */
export interface LineTruth {
  /** Positions are of one boot: with the next the belt begins at 0, and other fruit is where this was. */
  readonly boot: string;
  readonly fruits: readonly TrueFruit[];
}

export interface TrueFruit {
  readonly lane: number;
  readonly positionMm: number;
  readonly grade: string;
}

/** Fruits of a lane are further apart. */
const matchMm = 30;

/** The true grade of a fruit; undefined for one of another boot, and for one that the camera does not know. */
export function trueGradeIn(
  { boot, fruits }: LineTruth,
  fruit: { readonly boot: string; readonly lane: number; readonly positionMm: number | null },
): string | undefined {
  const { lane, positionMm } = fruit;
  if (fruit.boot !== boot || positionMm === null) return undefined;
  return fruits.find((each) => each.lane === lane && Math.abs(each.positionMm - positionMm) < matchMm)?.grade;
}
