import type { Health } from '@pomona/wire';

export type Tone = 'plain' | 'warn' | 'bad';

/** Limits from which a figure deserves a look. */
export const healthLimits = {
  latencyP99Ms: 100,
  missedShare: 0.001,
  temperatureWarnC: 70,
  temperatureBadC: 80,
  diskFreeWarnMb: 1_000,
  diskFreeBadMb: 200,
  outboxDepthWarn: 5_000,
} as const;

export function latencyTone(health: Health): Tone {
  return health.latencyMs.p99 > healthLimits.latencyP99Ms ? 'warn' : 'plain';
}

/** A miss is a fruit that took the default gate: any is worth a word, more than one in a thousand is bad. */
export function missedTone(health: Health): Tone {
  if (health.missedDeadlines === 0) return 'plain';
  return health.missedDeadlines > health.fruits * healthLimits.missedShare ? 'bad' : 'warn';
}

export function temperatureTone(health: Health): Tone {
  const celsius = health.temperatureC ?? 0;
  if (celsius >= healthLimits.temperatureBadC) return 'bad';
  return celsius >= healthLimits.temperatureWarnC ? 'warn' : 'plain';
}

export function diskTone(health: Health): Tone {
  if (health.diskFreeMb < healthLimits.diskFreeBadMb) return 'bad';
  return health.diskFreeMb < healthLimits.diskFreeWarnMb ? 'warn' : 'plain';
}

export function outboxTone(health: Health): Tone {
  if (health.outboxDropped > 0) return 'bad';
  return health.outboxDepth > healthLimits.outboxDepthWarn ? 'warn' : 'plain';
}
