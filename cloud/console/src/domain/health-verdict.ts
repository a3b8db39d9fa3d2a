import { blindingFaults, type CameraFault, type Health, type ThrottleCause } from '@pomona/wire';

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

/** What the board holds against its power or its heat is bad while it lasts, and worth a word until it is restarted. */
export function throttleTone({ throttled }: Health): Tone {
  if (!throttled) return 'plain';
  if (throttled.now.length > 0) return 'bad';
  return throttled.sinceBoot.length > 0 ? 'warn' : 'plain';
}

export const throttleText: Record<ThrottleCause, string> = {
  'under-voltage': 'too little voltage',
  'frequency-capped': 'clock capped',
  throttled: 'throttled',
  'soft-temperature-limit': 'near its heat limit',
};

export function diskTone(health: Health): Tone {
  if (health.outboxInMemory || health.diskFreeMb < healthLimits.diskFreeBadMb) return 'bad';
  return health.diskFreeMb < healthLimits.diskFreeWarnMb ? 'warn' : 'plain';
}

export function outboxTone(health: Health): Tone {
  if (health.outboxDropped > 0) return 'bad';
  return health.outboxDepth > healthLimits.outboxDepthWarn ? 'warn' : 'plain';
}

export function cameraTone({ camera }: Health): Tone {
  if (!camera || camera.faults.length === 0) return 'plain';
  return camera.faults.some((fault) => blindingFaults.includes(fault)) ? 'bad' : 'warn';
}

export const cameraText: Record<CameraFault, string> = {
  silent: 'no pictures',
  'wrong-size': 'wrong size',
  'no-encoder': 'encoder away',
  'wrong-travel': 'belt’s travel wrong',
  frozen: 'frozen',
  black: 'black',
  'blown-out': 'blown out',
  'out-of-focus': 'out of focus',
  moved: 'moved',
};

export function gatesTone({ gates }: Health): Tone {
  if (!gates) return 'plain';
  if (!gates.connected) return 'bad';
  return gates.late + gates.failed + (gates.unconfirmedInARow ?? 0) > 0 ? 'warn' : 'plain';
}
