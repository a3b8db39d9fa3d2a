export const formatsRead = 'JPEG, PNG, WebP, TIFF or AVIF';

/** What can be wrong with a photograph's file or with what is in it, and what helps. */
const hints = {
  'photograph-format': `Send the photograph's file itself, as ${formatsRead}; export one of another format, such as HEIC or a camera's raw file, to one of these first.`,
  'photograph-damaged': `Copy or send the file again from where it came from, and see that a picture viewer opens it; it was cut off on the way, or is broken there too.`,
  'photograph-size':
    'Send it in another size: the program that took it, or any picture editor, can change it.',
  'no-fruit': 'Send one photograph of one apple that stands out from what is behind it.',
} as const;

export type PhotographFault = keyof typeof hints;

export function isPhotographFault(code: string): code is PhotographFault {
  return Object.hasOwn(hints, code);
}

export function photographHint(fault: PhotographFault): string {
  return hints[fault];
}
