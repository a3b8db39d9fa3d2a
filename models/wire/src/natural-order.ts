const collator = new Intl.Collator('en', { numeric: true });

/** How people order names: `sim-2` before `sim-10`. The same on every machine, whatever its language. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Of stations: by site, line and name. */
export function placeOrder(a: Place, b: Place): number {
  return naturalOrder(a.site, b.site) || naturalOrder(a.line, b.line) || naturalOrder(a.station, b.station);
}

interface Place {
  readonly site: string;
  readonly line: string;
  readonly station: string;
}
