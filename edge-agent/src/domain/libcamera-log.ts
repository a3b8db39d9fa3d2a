/**
 * libcamera says once, before the first frame, what its streams are:
 * `… INFO Camera camera.cpp:1202 configuring streams: (0) 640x480-YUV420/sYCC (1) 2028x1520-…`. The names of the colour spaces
 * are those of `ColorSpace::toString()`; older ones leave the colour space out.
 */
import type { YuvColours } from './camera-source.ts';

export interface LibcameraStream {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Undefined where it is not said. */
  readonly colours: YuvColours | 'unknown' | undefined;
}

const named = new Map<string, YuvColours>([
  ['sYCC', { matrix: 'bt601', range: 'full' }],
  ['SMPTE170M', { matrix: 'bt601', range: 'limited' }],
  ['Rec709', { matrix: 'bt709', range: 'limited' }],
]);
/** Without a name of its own: primaries, transfer function, encoding, range. */
const spelledOut = /^[^/]+\/[^/]+\/Rec(601|709)\/(Full|Limited)$/;

/** The first stream that a line of libcamera's log names, or undefined. */
export function libcameraStream(line: string): LibcameraStream | undefined {
  const found = /configuring streams: \(0\) (\d+)x(\d+)-YUV420(?:\/(\S+))?/.exec(line);
  if (found === null) return undefined;
  const [, widthPx, heightPx, space] = found;
  return {
    widthPx: Number(widthPx),
    heightPx: Number(heightPx),
    colours: space === undefined ? undefined : coloursOf(space),
  };
}

function coloursOf(space: string): YuvColours | 'unknown' {
  const [, matrix, range] = spelledOut.exec(space) ?? [];
  if (matrix !== undefined && range !== undefined)
    return {
      matrix: `bt${matrix}` as YuvColours['matrix'],
      range: range.toLowerCase() as YuvColours['range'],
    };
  return named.get(space) ?? 'unknown';
}
