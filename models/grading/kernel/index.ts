/**
 * The loops over pixels, in AssemblyScript (TypeScript's syntax, WebAssembly's types and vector instructions).
 * `src/kernel.ts` calls them; `pnpm --filter @pomona/grading kernel` compiles them to `src/kernel.gen.ts`.
 *
 * Invariants: every function works on addresses that it is given, keeps nothing between two calls but the scene, and
 * allocates nothing. Vector loads may read up to 15 bytes past what they need, never further, and never use them.
 */
export { castRays, ellipseRadii } from './cast-rays';
export { connectCells } from './connect-cells';
export { countHues } from './count-hues';
export { cropFruit } from './crop-fruit';
export { fitConic } from './fit-conic';
export { boundCells, followBelt } from './follow-belt';
export { followRot } from './follow-rot';
export { markCells } from './mark-cells';
export { repairOutline } from './repair-outline';
export { sampleLuma } from './sample-luma';
export { setScene } from './scene';
export { shareDefects } from './share-defects';
export { spreadOutline } from './spread-outline';
export { sumCells } from './sum-cells';
export { sumColours } from './sum-colours';
export { traceOutline } from './trace-outline';

/** Below it lie constants. */
export const dataEnd: usize = __data_end;
