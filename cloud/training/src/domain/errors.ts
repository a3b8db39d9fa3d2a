import { AppError } from '@pomona/wire';

/** Every way in which training fails that is not a mistake in the program. */
export const trainingErrors = {
  'dataset-unreadable': 'Check that the folder is a dataset version and that it can be read.',
  'dataset-malformed': 'Freeze the dataset version again; its files do not fit each other.',
  'single-class': 'Add images of at least one other grade.',
  'split-empty': 'Add more groups (fruits, sessions, lots), so that every split gets some.',
  'uneven-views':
    'Freeze the dataset with the same number of views for every fruit, or train with --views 1.',
  'network-unknown': 'Choose a network of the catalog.',
  'network-unsuited': 'Choose a larger input or another network.',
  'not-exportable': 'Use only layers that treat each image on its own.',
  'weights-unsuited': 'Take weights of the same network, input size and labels, or train from the start.',
  'weights-unreadable': 'Check that the file of --from is there and can be read.',
  'splits-unsuited': 'Take the splits of --splits from the same dataset version.',
  'labels-unsuited': 'Label the photographs with the grades of the model; to calibrate, each of them.',
  'calibration-senseless':
    'Look at the photographs and their labels in `pomona dataset report`; train on fruit that looks more like them.',
  'checkpoint-unsuited': 'Train without --resume: it then begins anew.',
  'checkpoint-unusable': 'Check that the file of --checkpoint can be read and written.',
  'engine-missing':
    'Install it where you call this from, `npm install @tensorflow/tfjs-node` (or tfjs-node-gpu), or train with --engine onnx.',
  'engine-unusable':
    'Take a version of Node.js that it was made for (20 or 22), or train with --engine onnx.',
  diverged: 'Lower the learning rate.',
  'output-unwritable': 'Free some space, or choose a folder that can be written.',
} as const;
export type TrainingErrorCode = keyof typeof trainingErrors;

export function trainingError(code: TrainingErrorCode, message: string, cause?: unknown): AppError {
  return new AppError(code, message, {
    hint: trainingErrors[code],
    ...(cause === undefined ? {} : { cause }),
  });
}
