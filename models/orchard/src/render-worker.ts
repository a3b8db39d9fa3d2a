/** A thread of `renderViewsInParallel`: renders the part that it is told, and hands the pixels over. */
import { parentPort } from 'node:worker_threads';
import { type FruitViews, type RenderViewsOptions, renderViews } from './render-views.ts';

export interface RenderedPart {
  readonly first: number;
  readonly fruits: readonly FruitViews[];
}

parentPort!.on('message', (options: RenderViewsOptions & { readonly firstFruit: number }) => {
  const fruits = [...renderViews(options)];
  const part: RenderedPart = { first: options.firstFruit, fruits };
  const pixels = fruits.flatMap(({ crops, defects }) => [
    crops.buffer as ArrayBuffer,
    defects.buffer as ArrayBuffer,
  ]);
  parentPort!.postMessage(part, pixels);
});
