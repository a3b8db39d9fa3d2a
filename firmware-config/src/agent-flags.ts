/**
 * What Node.js is started with for an agent. Its heap is small: whoever left garbage collects it sooner alone than with helpers, for which
 * the pause waits until each had its turn on cores that are busy. V8 takes this only when it starts: changed later, it ends the process.
 */
export const agentNodeFlags: readonly string[] = ['--single-threaded-gc'];

/**
 * And in which environment. glibc gives each thread an arena of its own, up to eight for each core, and what is freed in one serves no other: an agent, which has a dozen
 * threads and starts some for each self-test, would keep memory of all of them.
 */
export const agentEnvironment: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
