import { AppError } from '@pomona/wire';

const hints = {
  'archive-unreadable':
    'Name a file that `pomona release export` wrote, and copy it anew if it came over a stick.',
  'archive-refused': 'The file is not what `pomona release export` writes; do not use it.',
  'archive-untrusted':
    'Where the root is that of another control plane, take the one that `pomona keys root` prints where the file was exported. Where it is that one, the file was changed on its way: do not use it.',
  'root-unreadable':
    'Name a file with what `pomona keys root` prints at the control plane that exported the release.',
  'archive-incomplete': 'Export the release again: a part of it is missing.',
  'archive-exists': 'Choose another name; a file that is there is never overwritten.',
  'archive-unwritable': 'Name a file in a folder that may be written to and has room for the release.',
  'version-taken':
    'Another release has that name and version here. Names keep registries apart: train under another name at one of them.',
} as const satisfies Record<string, string>;

export function archiveError(code: keyof typeof hints, message: string, cause?: unknown): AppError {
  return new AppError(code, message, { hint: hints[code], ...(cause === undefined ? {} : { cause }) });
}
