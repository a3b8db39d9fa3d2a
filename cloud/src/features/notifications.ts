import { join } from 'node:path';
import { addWebhookRoutes } from '../adapters/http/webhook-routes.ts';
import { WebhookSender } from '../adapters/net/webhook-sender.ts';
import { openSealer } from '../adapters/secret-sealer.ts';
import { AlertPublisher } from '../use-cases/publish-alerts.ts';
import { retryMsDefault, Webhooks } from '../use-cases/webhooks.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Alerts go out: to the console that is open, to the broker's readers, and to webhooks. */
export async function startNotifications(context: FeatureContext): Promise<Feature> {
  const { dataFolder, alerts, stores, link, feed, clock, logger, webhooks: options = {} } = context;
  const webhooks = new Webhooks({
    store: stores.webhooks,
    sender: new WebhookSender({ allowLoopback: options.allowLoopback ?? false }),
    sealer: await openSealer(join(dataFolder, 'keys', 'webhooks.key')),
    clock,
    logger,
    retryMs: options.retryMs ?? retryMsDefault,
  });
  await webhooks.start();
  const publisher = new AlertPublisher({ link, stations: stores.stations, clock, logger });
  const unsubscribeLink = link.subscribeConnected(() => publisher.send());
  const unsubscribe = alerts.subscribe((news) => {
    feed.tellAlert(news.alert);
    publisher.tell(news);
    webhooks.wake();
  });
  return {
    addRoutes: (app) => addWebhookRoutes(app, webhooks),
    async stop() {
      unsubscribe();
      unsubscribeLink();
      await webhooks.stop();
      await publisher.stop();
    },
  };
}
