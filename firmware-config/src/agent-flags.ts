/**
 * What Node.js is started with for an agent. Its heap is small: whoever left garbage collects it sooner alone than with helpers, for which
 * the pause waits until each had its turn on cores that are busy. V8 takes this only when it starts: changed later, it ends the process.
 * And young generations of 1 MB: the larger one is, the more of it is alive when it is full, which a pause copies. Set later, the main thread keeps its 16 MB.
 */
export const agentNodeFlags: readonly string[] = ['--single-threaded-gc', '--max-semi-space-size=1'];

/**
 * And in which environment. glibc gives each thread an arena of its own, up to eight for each core, and what is freed in one serves no other: an agent, which has a dozen
 * threads and starts some for each self-test, would keep memory of all of them.
 */
export const agentEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
