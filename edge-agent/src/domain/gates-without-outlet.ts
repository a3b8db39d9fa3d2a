import type { Recipe } from '@pomona/wire';

/**
 * The gates of a recipe whose fruit travels on together because the station has no outlet for them. One gate without an outlet is
 * meant: its fruit goes straight on. Of two nobody can tell whose fruit arrives at the end. By lane, since outlets may be.
 */
export function gatesWithoutOutlet(
  outputs: readonly { readonly gate: number; readonly lane?: number | undefined }[],
  { gates }: Pick<Recipe, 'gates'>,
  lanes: number,
): number[] {
  const wanted = [...new Set(gates.map(({ gate }) => gate))];
  const together = new Set<number>();
  for (let lane = 0; lane < lanes; lane++) {
    const missing = wanted.filter(
      (gate) => !outputs.some((output) => output.gate === gate && (output.lane ?? lane) === lane),
    );
    if (missing.length > 1) for (const gate of missing) together.add(gate);
  }
  return [...together].sort((a, b) => a - b);
}
