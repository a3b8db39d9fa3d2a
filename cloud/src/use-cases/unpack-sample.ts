import { inflateRawSync } from 'node:zlib';
import { digestOf } from '@pomona/release';
import type { Samples } from '@pomona/wire';
import type { SamplePixels } from './ports.ts';

/** The views of a sample; undefined when they are no deflated pixels of its size, or its figures or its label do not fit its labels. */
export function unpackSample({ views, size, labels, label, fruit }: Samples): SamplePixels | undefined {
  if (fruit.probabilities.length !== labels.length) return undefined;
  if (fruit.viewVotes !== undefined && fruit.viewVotes.length !== labels.length) return undefined;
  if (label !== undefined && !labels.includes(label.grade)) return undefined;
  const viewBytes = size * size * 3;
  const bytes = new Uint8Array(views.length * viewBytes);
  for (const [i, view] of views.entries()) {
    const pixels = inflate(Buffer.from(view, 'base64'), viewBytes);
    if (pixels?.byteLength !== viewBytes) return undefined;
    bytes.set(pixels, i * viewBytes);
  }
  return { bytes, digest: digestOf(bytes) };
}

/** A few hundred bytes can unfold to gigabytes: what would be longer than a view is no view. */
function inflate(packed: Uint8Array, bytesMax: number): Uint8Array | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    // zlib's own codes (Z_…) and `ERR_BUFFER_TOO_LARGE` speak of the input.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}
