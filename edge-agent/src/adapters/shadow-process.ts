import {
  type FromShadow,
  type OfferedFruit,
  placesMax,
  type ShadowMemory,
  ShadowPlaces,
  type ShadowSetup,
  shadowMemory,
  type TakenPlace,
} from '../domain/shadow-messages.ts';
import type { ShadowRun } from '../use-cases/run-shadow.ts';
import { openModelProcess } from './model-process.ts';

export type ToShadow =
  | { readonly kind: 'begin'; readonly setup: ShadowSetup }
  /** `crops` uint8 [views, inputSize, inputSize, 3]. */
  | { readonly kind: 'fruit'; readonly fruit: OfferedFruit; readonly crops: Uint8Array }
  | { readonly kind: 'stop' };

export type FromShadowProcess =
  | FromShadow
  /** It is done with the fruit of that place. */
  | ({ readonly kind: 'freed' } & TakenPlace)
  /** What is not expected, before it ends. */
  | { readonly kind: 'broke'; readonly reason: string };

export interface ShadowProcessOptions {
  /** Where decided fruit is handed over; undefined: nowhere any more. */
  readonly offerTo: (memory: ShadowMemory | undefined) => void;
  readonly onMessage: (message: FromShadow) => void;
  /** The program's built file; default the one beside this package's build. */
  readonly program?: URL;
  /** From being told to stop to being ended. Default 1 s. */
  readonly stopTimeoutMs?: number;
}

export interface ShadowProcess extends ShadowRun {
  readonly pid: number | undefined;
}

/** The agent's hand on the process in which a candidate runs silently. One that ends by itself is not started again here. */
export function openShadowProcess(setup: ShadowSetup, options: ShadowProcessOptions): ShadowProcess {
  const { offerTo, onMessage, stopTimeoutMs = 1_000 } = options;
  const { program = new URL('../shadow-main.js', import.meta.url) } = options;
  const memory = shadowMemory(setup.champion.ref, setup.champion.inputSize);
  const places = new ShadowPlaces(memory);
  const { child, ended: exited } = openModelProcess(program);
  let cause: string | undefined;
  /** Fruit that it was sent and is not done with: of a process that hangs, places are taken anew after a while. */
  let sent = 0;
  let dropped = 0;
  /** Of fruit that was dropped meanwhile: while it hangs, a free place would only have more fruit copied for nothing. */
  const keptBack = new Map<number, TakenPlace>();
  child.on('message', (message: FromShadowProcess) => {
    if (message.kind === 'freed') {
      sent--;
      for (const taken of [message, ...keptBack.values()]) places.free(taken);
      keptBack.clear();
    } else if (message.kind === 'broke') cause = message.reason;
    else {
      if (message.kind === 'running') offerTo(memory);
      onMessage(message);
    }
  });
  const ended = exited.then((how) => {
    offerTo(undefined);
    return cause ?? how;
  });
  const post = (message: ToShadow): void => {
    // One that has ended is told of by `ended`.
    if (child.connected) child.send(message, () => undefined);
  };
  post({ kind: 'begin', setup });
  return {
    ended,
    pid: child.pid,
    offered(fruit) {
      if (sent === placesMax) {
        dropped++;
        keptBack.set(fruit.place, { place: fruit.place, since: fruit.since });
        return;
      }
      sent++;
      post({ kind: 'fruit', fruit, crops: places.crops(fruit.place, fruit.views.length).slice() });
    },
    passedOver: () => places.passedOver + dropped,
    async stop() {
      offerTo(undefined);
      post({ kind: 'stop' });
      const timer = setTimeout(() => void child.kill('SIGKILL'), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
