/** For tests that only compute: what films a line in real time beside them gets a processor when it asks for one. */
import { setPriority } from 'node:os';

setPriority(5);
