/** Talks to the station that this page came from. */

/** What the station refused, in its words. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** More than the station waits for its grading worker (`line-desk.ts`), so that it can say what was wrong. */
const patienceMs = 4_000;

/** Throws `Refused`, or what `fetch` throws when the station does not answer. */
export async function ask(
  path: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  body?: object,
): Promise<Response> {
  const answer = await fetch(path, {
    method,
    signal: AbortSignal.timeout(patienceMs),
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (answer.ok) return answer;
  const { code, message } = (await answer.json()) as { code: string; message: string };
  throw new Refused(code, message);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
