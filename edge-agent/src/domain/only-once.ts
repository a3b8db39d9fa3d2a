/** The same work however often it is asked for: whoever asks again gets the first one's end, or its failure. */
export function onlyOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let under: Promise<T> | undefined;
  return () => {
    under ??= work();
    return under;
  };
}
