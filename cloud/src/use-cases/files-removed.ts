import { AppError, type ModelView } from '@pomona/wire';

/** Of a version whose record alone is left. */
export function filesRemoved({ name, version, filesRemovedAt }: ModelView): AppError {
  return new AppError('files-removed', `the files of ${name}@${version} were removed on ${filesRemovedAt}`, {
    hint: 'Take another version, or bring its files back from an archive: pomona release import.',
  });
}
