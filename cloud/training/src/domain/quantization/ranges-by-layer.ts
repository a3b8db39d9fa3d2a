/** As much less than before must a choice diverge: by less it may be chance. */
const gainMin = 0.05;

/**
 * From the way of taking ranges that did best for all layers to the best one for each: layer by layer the other ways are tried, and one stays where the graph
 * diverges less for it. `best`: what `build` gave for the choice that this begins with.
 */
export function chooseByLayer<L, W, T extends { readonly divergence: number }>(
  best: { readonly choice: ReadonlyMap<L, W>; readonly built: T },
  waysOf: (layer: L) => readonly W[],
  build: (choice: ReadonlyMap<L, W>) => T,
): { readonly choice: ReadonlyMap<L, W>; readonly built: T } {
  let { choice, built } = best;
  for (const layer of choice.keys()) {
    for (const way of waysOf(layer)) {
      if (way === choice.get(layer)) continue;
      const next = new Map([...choice, [layer, way]]);
      const tried = build(next);
      if (tried.divergence < built.divergence * (1 - gainMin)) [choice, built] = [next, tried];
    }
  }
  return { choice, built };
}
