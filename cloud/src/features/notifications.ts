import { addWebhookRoutes } from '../adapters/http/webhook-routes.ts';
import { WebhookSender } from '../adapters/net/webhook-sender.ts';
import type { AlertNews } from '../use-cases/alerts.ts';
import { retryMsDefault, Webhooks } from '../use-cases/webhooks.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Alerts go out: to the console that is open, to the broker's readers, and to webhooks. */
export function startNotifications(context: FeatureContext): Feature {
  const { alerts, stores, link, feed, clock, logger, webhooks: options = {} } = context;
  const webhooks = new Webhooks({
    store: stores.webhooks,
    sender: new WebhookSender({ allowLoopback: options.allowLoopback ?? false }),
    clock,
    logger,
    retryMs: options.retryMs ?? retryMsDefault,
  });
  const publish = async ({ event, alert }: AlertNews) => {
    if (alert.station === null) return;
    const [address] = await stores.stations.findMany([alert.station]);
    if (address === undefined) return;
    const at = new Date(clock.nowMs()).toISOString();
    await link.publishAlert(address, { v: 1, event, at, alert });
  };
  let publishing = Promise.resolve();
  const unsubscribe = alerts.subscribe((news) => {
    feed.tellAlert(news.alert);
    // In the order of what happened.
    publishing = publishing
      .then(() => publish(news))
      .catch((error: unknown) =>
        logger.warn({ err: error, alert: news.alert.id }, 'the broker’s readers were not told of an alert'),
      );
    webhooks.wake();
  });
  webhooks.wake();
  return {
    addRoutes: (app) => addWebhookRoutes(app, webhooks),
    async stop() {
      unsubscribe();
      await webhooks.stop();
      await publishing;
    },
  };
}
