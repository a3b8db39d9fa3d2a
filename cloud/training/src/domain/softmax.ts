/** Logarithms of the probabilities that logits [labels] stand for. */
export function logSoftmax(logits: ArrayLike<number>, temperature = 1): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const top = Math.max(...scaled);
  const rest = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return scaled.map((logit) => logit - top - rest);
}

export function softmax(logits: ArrayLike<number>, temperature = 1): number[] {
  return logSoftmax(logits, temperature).map(Math.exp);
}
