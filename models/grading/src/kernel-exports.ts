/** What `kernel/index.ts` exports; addresses are numbers. */
export interface KernelExports {
  readonly dataEnd: { readonly value: number };
  setScene(frame: number, width: number, height: number, belt: number): void;
  boundCells(): void;
  // biome-ignore format: one line each
  followBelt(marks: number, turn: number, every: number, leastSpreads: number, belt: number): void;
  sumCells(sums: number): void;
  markCells(marks: number): number;
  connectCells(marks: number, components: number, countMax: number, runs: number): number;
  // biome-ignore format: one line each
  castRays(x: number, y: number, reachX: number, reachY: number,
    count: number, cos: number, sin: number, starts: number, farther: number, orFromBox: boolean, radii: number): void;
  // biome-ignore format: one line each
  traceOutline(x: number, y: number, reachX: number, reachY: number,
    semiMajor: number, semiMinor: number, cosMajor: number, sinMajor: number,
    count: number, cos: number, sin: number, floatCos: number, floatSin: number, radii: number, model: number, scratch: number): void;
  // biome-ignore format: one line each
  ellipseRadii(semiMajor: number, semiMinor: number, cosMajor: number, sinMajor: number,
    count: number, floatCos: number, floatSin: number, radii: number): void;
  // biome-ignore format: one line each
  spreadOutline(count: number, fromX: number, fromY: number, found: number, foundCos: number, foundSin: number, conic: number,
    x: number, y: number, semiMajor: number, semiMinor: number, cosMajor: number, sinMajor: number,
    cos: number, sin: number, radii: number, model: number, scratch: number): number;
  // biome-ignore format: one line each
  followRot(x: number, y: number,
    count: number, cos: number, sin: number, radii: number, model: number, limits: number): void;
  repairOutline(count: number, radii: number, model: number, scratch: number): void;
  fitConic(count: number, cos: number, sin: number, radii: number, out: number, scratch: number): number;
  // biome-ignore format: one line each
  cropFruit(x: number, y: number, step: number, size: number,
    count: number, cos: number, sin: number, radii: number, out: number, scratch: number): void;
  sumColours(crop: number, pixels: number, out: number): void;
  // biome-ignore format: one line each
  countHues(crop: number, pixels: number, every: number, brightest: number,
    from: number, step: number, bins: number, out: number): void;
  sampleLuma(crop: number, size: number, every: number, out: number): void;
  shareDefects(map: number, skin: number, cells: number, least: number, out: number): void;
}
