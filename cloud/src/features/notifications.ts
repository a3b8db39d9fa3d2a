import { addWebhookRoutes } from '../adapters/http/webhook-routes.ts';
import { WebhookSender } from '../adapters/net/webhook-sender.ts';
import { AlertPublisher } from '../use-cases/publish-alerts.ts';
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
  const publisher = new AlertPublisher({ link, stations: stores.stations, clock, logger });
  const unsubscribeLink = link.subscribeConnected(() => publisher.send());
  const unsubscribe = alerts.subscribe((news) => {
    feed.tellAlert(news.alert);
    publisher.tell(news);
    webhooks.wake();
  });
  webhooks.wake();
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
