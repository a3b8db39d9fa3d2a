import type { TrustState, WantedSignatures } from '@pomona/release';
import { counted } from '@pomona/wire';
import { table } from './output.ts';

/** Who signs for what, where the keys are, and what waits; for a terminal. */
export function describeTrust({ roles, unused, waiting }: TrustState): string {
  const rows = roles.flatMap(({ role, threshold, keys, version, expires }) =>
    keys.map(({ keyId, file }, i) => [
      i === 0 ? role : '',
      i === 0 ? `${threshold} of ${keys.length}` : '',
      i === 0 ? `${version}, until ${expires.slice(0, 10)}` : '',
      keyId.slice(0, 12),
      file ?? 'elsewhere',
    ]),
  );
  const lines = [table(['role', 'must sign', 'version', 'key', 'where'], rows)];
  if (unused.length > 0) {
    lines.push('', 'no role has these keys; keep them offline or delete them:');
    lines.push(...unused.map(({ keyId, file }) => `  ${keyId.slice(0, 12)}  ${file}`));
  }
  if (waiting) {
    lines.push('', `waits for signatures: ${waiting.file}`);
    lines.push(...waiting.change.map((line) => `  ${line}`), describeWanted(waiting.wanted));
    lines.push('Sign it with pomona keys sign --key FILE, here or in a copy on another machine.');
  }
  return lines.join('\n');
}

export function describeWanted(wanted: readonly WantedSignatures[]): string {
  return wanted
    .map(({ document, by, threshold, keys }) => {
      const signed = keys.filter((key) => key.signed).length;
      const missing = keys.filter((key) => !key.signed).map(({ keyId }) => keyId.slice(0, 12));
      const left = signed >= threshold ? 'enough' : `missing: ${threshold - signed} of ${missing.join(', ')}`;
      return `  ${document}, by the ${by} keys: ${signed} of ${counted(threshold, 'signature')}, ${left}`;
    })
    .join('\n');
}
