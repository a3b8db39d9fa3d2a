import { Gauge, type Registry } from 'prom-client';

/** Counted elsewhere and only told here, so even what grows is a gauge to the library. */
export function gauge(register: Registry, name: string, help: string, labelNames: string[] = []): Gauge {
  return new Gauge({ name: `pomona_${name}`, help, labelNames, registers: [register] });
}
