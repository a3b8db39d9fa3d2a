/**
 * Tells other programs of alerts by HTTP. What is to be told lies in the database until it was taken or given up, so
 * a restart loses nothing; it may send something twice, which the delivery's id tells. Each webhook has a chain of its own, one
 * delivery after the other: whoever is slow or dead keeps nobody else waiting.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { AppError, type Clock, type CreatedWebhook, type WebhookView } from '@pomona/wire';
import { pause } from './pause.ts';
import type { Logger } from './ports.ts';

/** Over about nine hours: a night without the other side. */
export const retryMsDefault: readonly number[] = [5, 30, 120, 600, 1_800, 7_200, 21_600].map(
  (s) => s * 1_000,
);
const webhooksMax = 20;
/** The clock may be set: what is due is looked for this often at least. */
const lookMs = 60_000;

export interface DueDelivery {
  readonly id: number;
  readonly webhook: number;
  readonly url: string;
  /** Sealed. */
  readonly secret: string;
  readonly delivery: string;
  readonly event: string;
  readonly body: string;
  readonly attempts: number;
}

export interface AttemptResult {
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly nextAtMs: number | null;
}

/** Keeps secrets so that the database alone does not tell them. */
export interface Sealer {
  isSealed(text: string): boolean;
  seal(secret: string, boundTo: string): string;
  /** Error: `secret-unreadable`. */
  open(sealed: string, boundTo: string): string;
}

export interface WebhookPorts {
  readonly store: {
    /** `secret` is sealed. */
    add(url: string, secret: string, actor: string, nowMs: number): Promise<WebhookView>;
    list(): Promise<WebhookView[]>;
    remove(id: number): Promise<boolean>;
    queueTest(id: number, nowMs: number): Promise<DueDelivery | undefined>;
    secrets(): Promise<readonly { readonly id: number; readonly url: string; readonly secret: string }[]>;
    setSecret(id: number, secret: string): Promise<void>;
    /** Webhooks that are to be told something by now. */
    dueWebhooks(nowMs: number): Promise<readonly number[]>;
    /** The oldest that the webhook is to be told by now. */
    nextDue(webhook: number, nowMs: number): Promise<DueDelivery | undefined>;
    /** When another than these webhooks is to be told something next; undefined when nothing waits. */
    nextAtMs(except: readonly number[]): Promise<number | undefined>;
    finish(id: number, result: AttemptResult, nowMs: number): Promise<void>;
  };
  readonly sender: {
    /** Error: `webhook-address`, for what can be told of the address alone. */
    check(url: string): void;
    /** Resolves with the status of the answer; rejects when there is none. */
    post(
      url: string,
      headers: Readonly<Record<string, string>>,
      body: string,
      signal: AbortSignal,
    ): Promise<number>;
  };
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retryMs: readonly number[];
}

export class Webhooks {
  readonly #ports: WebhookPorts;
  readonly #stopping = new AbortController();
  /** By webhook; there are few webhooks, and each has one at most. */
  readonly #chains = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(ports: WebhookPorts) {
    this.#ports = ports;
  }

  /** Seals what a program before this one kept in the clear, and begins to tell. */
  async start(): Promise<void> {
    const { store, sealer } = this.#ports;
    for (const { id, url, secret } of await store.secrets())
      if (!sealer.isSealed(secret)) await store.setSecret(id, sealer.seal(secret, url));
    this.wake();
  }

  /** Looks for what is due, now and whenever something is. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#ports.logger.error({ err: error }, 'could not look for what webhooks are to be told');
        return lookMs;
      })
      .then((waitMs) => {
        this.#looking = undefined;
        if (this.#stopping.signal.aborted) return;
        this.#timer = setTimeout(() => this.wake(), this.#again ? 0 : waitMs);
        this.#again = false;
      });
  }

  /** An attempt under way is broken off, and made again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#chains.values());
  }

  /** The secret is told this once. Errors: `webhook-address`, `webhook-limit`. */
  async add(url: string, actor: string): Promise<CreatedWebhook> {
    const { store, sender, sealer, clock, logger } = this.#ports;
    sender.check(url);
    if ((await store.list()).length >= webhooksMax)
      throw new AppError('webhook-limit', `there are ${webhooksMax} webhooks already`, {
        hint: 'Remove one that is not needed any more.',
      });
    const secret = randomBytes(32).toString('base64url');
    const webhook = await store.add(url, sealer.seal(secret, url), actor, clock.nowMs());
    logger.info({ webhook: webhook.id, url, actor }, 'webhook added');
    return { ...webhook, secret };
  }

  list(): Promise<WebhookView[]> {
    return this.#ports.store.list();
  }

  /** Error: `webhook-unknown`. */
  async remove(id: number, actor: string): Promise<void> {
    if (!(await this.#ports.store.remove(id))) throw unknown(id);
    this.#ports.logger.info({ webhook: id, actor }, 'webhook removed');
  }

  /** One attempt, made at once. Error: `webhook-unknown`. */
  async test(id: number): Promise<WebhookView> {
    const { store, clock } = this.#ports;
    const delivery = await store.queueTest(id, clock.nowMs());
    if (delivery === undefined) throw unknown(id);
    await this.#attempt(delivery, []);
    const webhook = (await store.list()).find((each) => each.id === id);
    if (webhook === undefined) throw unknown(id);
    return webhook;
  }

  /** Begins a chain for each webhook that has none. Returns after what time it is to be done again. */
  async #look(): Promise<number> {
    const { store, clock } = this.#ports;
    for (const webhook of await store.dueWebhooks(clock.nowMs()))
      if (!this.#chains.has(webhook)) this.#chains.set(webhook, this.#tellAll(webhook));
    const next = await store.nextAtMs([...this.#chains.keys()]);
    return next === undefined ? lookMs : Math.min(lookMs, Math.max(0, next - clock.nowMs()));
  }

  /** One after the other, until nothing is due; what becomes due meanwhile is. Never rejects. */
  async #tellAll(webhook: number): Promise<void> {
    const { store, clock, logger, retryMs } = this.#ports;
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted) {
        const due = await store.nextDue(webhook, clock.nowMs());
        if (due === undefined) break;
        await this.#attempt(due, retryMs);
      }
    } catch (error) {
      logger.error({ err: error, webhook }, 'could not keep how a webhook took its news; it is told again');
      await pause(lookMs, signal);
    }
    this.#chains.delete(webhook);
    this.wake();
  }

  async #attempt(due: DueDelivery, retryMs: readonly number[]): Promise<void> {
    const { store, sender, sealer, clock, logger } = this.#ports;
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    let status: number | null = null;
    let error: string | null = null;
    try {
      const secret = sealer.open(due.secret, due.url);
      status = await sender.post(due.url, headersOf(due, secret), due.body, signal);
      if (status < 200 || status > 299) error = `answered ${status}`;
    } catch (failure) {
      // The stop's doing says nothing of the other side.
      if (signal.aborted) return;
      error = failure instanceof Error ? failure.message : String(failure);
    }
    const nowMs = clock.nowMs();
    const waitMs = error === null ? undefined : retryMs[due.attempts];
    const result: AttemptResult = {
      state: error === null ? 'delivered' : waitMs === undefined ? 'failed' : 'waiting',
      attempts: due.attempts + 1,
      status,
      error: error?.slice(0, 300) ?? null,
      nextAtMs: waitMs === undefined ? null : nowMs + waitMs,
    };
    await store.finish(due.id, result, nowMs);
    const fields = { webhook: due.webhook, delivery: due.delivery, attempts: result.attempts, error };
    if (result.state === 'delivered') logger.info(fields, `webhook told: ${due.event}`);
    else if (result.state === 'waiting') logger.warn(fields, 'webhook not told; it is tried again');
    else logger.error(fields, 'webhook not told, and given up');
  }
}

/** `x-pomona-signature` is the HMAC-SHA256 (RFC 2104) of the body's bytes, in hexadecimal. */
function headersOf({ body, delivery }: DueDelivery, secret: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'pomona',
    'x-pomona-delivery': delivery,
    'x-pomona-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
}

function unknown(id: number): AppError {
  return new AppError('webhook-unknown', `there is no webhook ${id}`, {
    hint: 'See the list: pomona webhook list.',
  });
}
