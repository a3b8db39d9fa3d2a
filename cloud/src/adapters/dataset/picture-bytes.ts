/** What the bytes of a picture's file tell before anything decodes them. */

/**
 * The format, by the first bytes and not by the name; undefined where none is read. The decoder knows more formats, and some
 * of them (SVG, PDF) are programs rather than pictures.
 */
export function formatOf(bytes: Buffer): 'jpeg' | 'png' | 'tiff' | 'webp' | 'avif' | undefined {
  const head = bytes.toString('latin1', 0, 12);
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'webp';
  if (/^.{4}ftypavi[fs]/s.test(head)) return 'avif';
  return undefined;
}

/** ISO/IEC 23008-12: a picture that HEVC codes, which the decoder does not take, names one of these among its brands. */
export function isHeic(bytes: Buffer): boolean {
  return /^.{4}ftyp(?:.{4})*?(?:hei[cxms]|hev[cxms])/s.test(bytes.toString('latin1', 0, 40));
}

/**
 * Whether a file that cannot be decoded ends before its picture does, by the lengths that the format itself gives its
 * parts; of a JPEG, whose scans have none, by what the decoder `said`.
 */
export function isCutOff(bytes: Buffer, said: string): boolean {
  switch (formatOf(bytes)) {
    case 'jpeg':
      return /premature end/i.test(said);
    // PNG 5.3: chunks of length, type, data and sum, up to IEND.
    case 'png':
      return !hasParts(bytes, 8, (at) => {
        const type = bytes.toString('latin1', at + 4, at + 8);
        return {
          size: /^[A-Za-z]{4}$/.test(type) ? bytes.readUInt32BE(at) + 12 : 0,
          isLast: type === 'IEND',
        };
      });
    // RIFF: the bytes that follow the first eight.
    case 'webp':
      return bytes.length < bytes.readUInt32LE(4) + 8;
    // TIFF 6.0, section 2: where the first directory stands, which is behind the picture in most files.
    case 'tiff':
      return (
        bytes.length < 8 ||
        (bytes[0] === 0x49 ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)) >= bytes.length
      );
    // ISO 14496-12, 4.2: boxes that say their size; 0 reaches to the file's end, 1 is followed by one of 64 bits.
    case 'avif':
      return !hasParts(bytes, 0, (at) => {
        const size = bytes.readUInt32BE(at);
        if (size === 1 && at + 16 <= bytes.length) return { size: Number(bytes.readBigUInt64BE(at + 8)) };
        return { size: size === 0 ? bytes.length - at : size };
      });
    default:
      return false;
  }
}

interface Part {
  readonly size: number;
  readonly isLast?: boolean;
}

/** Whether the parts from `at` on are all there, up to the last one or, in a format that marks none, the end. */
function hasParts(bytes: Buffer, at: number, partAt: (at: number) => Part): boolean {
  for (let from = at; from + 8 <= bytes.length; ) {
    const { size, isLast } = partAt(from);
    // Every part is at least as long as its own head: what says otherwise is damaged, not cut off.
    if (size < 8) return true;
    from += size;
    if (from > bytes.length) return false;
    if (isLast === true || (isLast === undefined && from === bytes.length)) return true;
  }
  return false;
}
