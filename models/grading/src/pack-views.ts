/** How a fruit's record keeps the probabilities of its views (`FruitMeasures.views`), so that they can be fused anew. */

/** Down to the floor of `fuseViews`, e^-85.2, by 0.13 % of a probability. */
const stepsPerE = 750;
/** Of records from before, which began with no number of steps and ended at e^-16.4. */
const stepsPerEBefore = 4_000;
const codeMax = 65_535;
const bytesMax = 480;

/** Base64, or undefined for none, for a single label, and for more than a record has room for. */
export function packViews(views: readonly ArrayLike<number>[]): string | undefined {
  const labels = views[0]?.length ?? 0;
  const size = 2 + 2 * views.length * labels;
  if (labels < 2 || size > bytesMax) return undefined;
  write(stepsPerE, 0);
  for (let v = 0; v < views.length; v++) {
    for (let k = 0; k < labels; k++) write(codeOf(views[v]![k]!), 2 + 2 * (v * labels + k));
  }
  return room.toString('base64', 0, size);
}

const room = Buffer.alloc(bytesMax);

/** As `Buffer` does, which checks more than it takes. */
function write(code: number, at: number): void {
  room[at] = code >> 8;
  room[at + 1] = code & 255;
}

/** Undefined where the text does not hold whole views of so many labels. */
export function unpackViews(packed: string, labels: number): number[][] | undefined {
  const bytes = Buffer.from(packed, 'base64');
  if (labels < 2) return undefined;
  const rest = bytes.length % (2 * labels);
  const [from, steps] = rest === 2 ? [2, bytes.readUInt16BE()] : [0, stepsPerEBefore];
  if (bytes.length <= from || (bytes.length - from) % (2 * labels) !== 0 || steps === 0) return undefined;
  return Array.from({ length: (bytes.length - from) / (2 * labels) }, (_, v) =>
    Array.from({ length: labels }, (_, k) =>
      Math.exp(-bytes.readUInt16BE(from + 2 * (v * labels + k)) / steps),
    ),
  );
}

function codeOf(probability: number): number {
  if (!(probability > 0)) return codeMax;
  return Math.min(codeMax, Math.max(0, Math.round(-Math.log(probability) * stepsPerE)));
}
