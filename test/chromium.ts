import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is: `CHROMIUM_PATH`, or where Debian puts it. Undefined when there is none. */
export function findChromium(): string | undefined {
  const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch (error) {
    if (process.env.POMONA_REQUIRE_ALL === '1') {
      throw new Error(`POMONA_REQUIRE_ALL is set and there is no Chromium at ${path}`, { cause: error });
    }
    console.warn(`SKIPPED: no Chromium at ${path}; install it, or name it in CHROMIUM_PATH.`);
    return undefined;
  }
}

/** A browser that talks to nobody by itself. */
export function launchChromium(executablePath: string): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
  });
}
