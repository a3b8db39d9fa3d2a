import { expect, it } from 'vitest';
import { GcTrace } from './gc-trace.ts';

it('reads the pauses of scavenges and full collections, also of lines that come in pieces', () => {
  const trace = new GcTrace();
  trace.push('[7:0x1]       30 ms: Scavenge 4.5 (5.6) -> 3.9 (6.6) MB, 0.73 / 0.00 ms  (average mu = 1.000');
  expect(trace.pausesMs).toEqual([]);
  trace.push(
    ', current mu = 1.000) allocation failure; \n[7:0x2] 900 ms: Mark-Compact 9.1 (14) -> 7.2 (12) MB, ',
  );
  trace.push(
    '2.1 / 0.0 ms  (+ 5.4 ms in 10 steps since start of marking, biggest step 0.9 ms\nsomething else\n',
  );
  expect(trace.pausesMs).toEqual([0.73, 2.1]);
});
