import { AppError } from '@pomona/wire';

/** Every code of importing and reading datasets, with what a person should do about it. */
const hints = {
  'dataset-folder-missing':
    'Give the folder that holds one sub-folder of photographs per grade, or an index.csv.',
  'dataset-folder-unreadable': 'Give this user permission to read the folder.',
  'dataset-index-invalid':
    'Correct that line. The file needs a header with the columns path, grade and one of group, session, lot or fruit.',
  'dataset-empty':
    'Put photographs (JPEG, PNG, WebP, TIFF or AVIF) into one sub-folder per grade, named like the grades that you ask for; or import them as not sorted yet (--unsorted, or the tick on the page Datasets), and label them in the console.',
  'dataset-one-class': 'Add photographs of another grade, or list more grades.',
  'labels-invalid': 'Name each grade once, in letters, digits and dashes, as in good, ok, bad.',
  'dataset-not-written':
    'Free some disk space, or let this user write to the data folder; nothing was changed.',
  'dataset-damaged': 'Import it again; a dataset version must not be edited.',
  'dataset-views-invalid': 'Every crop must have the size of the dataset, and a grade from its list.',
  'dataset-size-unsuited':
    'Choose a size below the dataset’s: a multiple of 8 suits every network. For a larger one draw or import it again.',
  'dataset-without-photographs': 'Name a version that was imported from photographs, or a folder of them.',
  'dataset-superseded': 'Accept into the newest version; where the photograph is not in it, import again.',
  'not-quarantined':
    'See what is in quarantine with `pomona dataset show NAME`, and name the newest version.',
  'not-acceptable':
    'Name photographs that can be used, each once; or put such a file into the folder, and import again.',
  'zip-invalid': 'Pack the folder anew with an ordinary ZIP program, without a password.',
  'zip-too-large':
    'Send the photographs in several archives, or import the folder with `pomona dataset import`.',
  'upload-busy': 'Send it again when that one is done.',
  'upload-broken': 'Send it again.',
  'samples-too-few': 'Label more fruit on the console’s page Labelling.',
  'samples-other-shape': 'Sample with a model of the dataset’s labels and size, or name another base.',
  'photographs-none':
    'Bring some in with `pomona dataset import FOLDER --name NAME --unsorted`, or on the console’s page Datasets.',
  'photograph-changed': 'Import again when nothing else writes to the folder.',
  'photograph-inspection-crashed': 'Remove that photograph from the folder and import again.',
} as const satisfies Record<string, string>;

export type DatasetErrorCode = keyof typeof hints;

export function datasetError(
  code: DatasetErrorCode,
  message: string,
  cause?: unknown,
  hint: string = hints[code],
): AppError {
  return new AppError(code, message, { hint, cause });
}
