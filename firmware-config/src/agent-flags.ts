/**
 * What Node.js is started with for an agent. Its heap is small: whoever left garbage collects it sooner alone than with helpers, for which
 * the pause waits until each had its turn on cores that are busy. V8 takes this only when it starts: changed later, it ends the process.
 */
export const agentNodeFlags: readonly string[] = ['--single-threaded-gc'];
