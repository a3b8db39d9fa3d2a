/**
 * Small young generations for all threads. V8 lets each grow to 16 MB and more before it collects, which costs a process
 * of two or three threads 50 MB of a board's memory and gains nothing here: frames and crops are not on that heap.
 * To be imported before anything else; a thread takes what is set when it starts. So the main thread has it of the flags that an agent is
 * started with (`agent-flags.ts` in `firmware-config`); this is for whoever starts one without them.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--max-semi-space-size=1');
