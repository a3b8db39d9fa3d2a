import { accessSync, constants, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian puts it. The one without a window needs half the time. */
const usualPaths = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Where Chromium is: `CHROMIUM_PATH`, or where it usually is. Undefined when there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  const paths = named === undefined ? usualPaths : [named];
  const found = paths.find(isProgram);
  if (found !== undefined) return found;
  const what = `no Chromium at ${paths.join(' or ')}`;
  if (process.env.POMONA_REQUIRE_ALL === '1')
    throw new Error(`POMONA_REQUIRE_ALL is set and there is ${what}`);
  console.warn(`SKIPPED: ${what}; install it, or name it in CHROMIUM_PATH.`);
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
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

export interface PageWishes {
  /** Default: a desktop's. */
  readonly width?: number;
  /** Takes what the page complains of: errors, and what it writes of errors and warnings. */
  readonly complaints?: string[];
}

const builtConsole = fileURLToPath(new URL('../cloud/console/dist/index.html', import.meta.url));
/** Only a test that fails waits for so long. */
const patienceMs = 15_000;

/** A page for the built console. */
export async function openPage(
  browser: Browser,
  { width = 1280, complaints = [] }: PageWishes = {},
): Promise<Page> {
  if (!existsSync(builtConsole))
    throw new Error('the console is not built: node cloud/console/build.mjs, as the test command does');
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: 'light' });
  page.setDefaultTimeout(patienceMs);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return page;
}
