/** How a fruit's record keeps the probabilities of its views (`FruitMeasures.views`), so that they can be fused anew. */

/** e^-16.1 is the floor of `fuseViews`; steps of a 4000th in the logarithm are 0.025 % of a probability. */
const stepsPerE = 4_000;
const codeMax = 65_535;
const bytesMax = 480;

/** Base64, or undefined for none, and for more than a record has room for. */
export function packViews(views: readonly ArrayLike<number>[]): string | undefined {
  const labels = views[0]?.length ?? 0;
  const count = views.length * labels;
  if (count === 0 || 2 * count > bytesMax) return undefined;
  const bytes = Buffer.alloc(2 * count);
  views.forEach((view, v) => {
    for (let k = 0; k < labels; k++) bytes.writeUInt16BE(codeOf(view[k]!), 2 * (v * labels + k));
  });
  return bytes.toString('base64');
}

/** Undefined where the text does not hold whole views of so many labels. */
export function unpackViews(packed: string, labels: number): number[][] | undefined {
  const bytes = Buffer.from(packed, 'base64');
  if (labels === 0 || bytes.length === 0 || bytes.length % (2 * labels) !== 0) return undefined;
  return Array.from({ length: bytes.length / (2 * labels) }, (_, v) =>
    Array.from({ length: labels }, (_, k) => Math.exp(-bytes.readUInt16BE(2 * (v * labels + k)) / stepsPerE)),
  );
}

function codeOf(probability: number): number {
  if (!(probability > 0)) return codeMax;
  return Math.min(codeMax, Math.max(0, Math.round(-Math.log(probability) * stepsPerE)));
}
