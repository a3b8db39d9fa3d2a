/** `{ 'adam.beta1': 0.9 }` → `{ adam: { beta1: 0.9 } }`. */
export function unflattened(flat: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  const inner = new Map<string, Record<string, unknown>>();
  for (const [path, value] of Object.entries(flat)) {
    const [name = '', ...rest] = path.split('.');
    if (rest.length === 0) root[name] = value;
    else inner.set(name, { ...inner.get(name), [rest.join('.')]: value });
  }
  for (const [name, members] of inner) root[name] = unflattened(members);
  return root;
}
