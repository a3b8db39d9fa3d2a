/**
 * Gives layers back to floats, one more each time, until `agreementMin` is reached, and returns the graph that agrees best: a
 * layer in floats costs time, and is worth it only where it brings something. The last layer stays quantized, as a network
 * of floats alone would be no variant of its own. `build` makes the graph with that many layers in floats.
 */
export function nearestInFloats<T extends { readonly agreement: number }>(
  quantized: T,
  layers: number,
  agreementMin: number,
  build: (inFloat: number) => T,
): T {
  let best = quantized;
  for (let inFloat = 1; inFloat < layers && best.agreement < agreementMin; inFloat++) {
    const next = build(inFloat);
    if (next.agreement > best.agreement) best = next;
  }
  return best;
}
