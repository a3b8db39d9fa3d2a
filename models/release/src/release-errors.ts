import { AppError } from '@pomona/wire';

/** Every code of this package, with what a person should do about it. */
const hints = {
  'manifest-oversized': 'Raise the limit on purpose, or find out who publishes manifests of this size.',
  'manifest-invalid': 'Build the release again; do not edit a manifest by hand.',
  'release-oversized': 'Give the station more room for releases, or publish a smaller model.',
  'chunk-refused': 'Ask for the chunk again; if it keeps failing, the stored file is damaged.',
  'envelope-invalid': 'The message is not a signed desired state; check what else publishes on this channel.',
  'envelope-type': 'The signed message is of another kind; check that both sides run matching versions.',
  'envelope-signature':
    'Not signed by the control plane that this station was enrolled at; enrol it again if the control plane was replaced.',
  'desired-wrong-station':
    'The state was signed for another station; check the topic that it was published on.',
  'desired-old-counter': 'An older state came again; nothing to do unless it keeps coming.',
  'trust-unreachable':
    'Check the connection between the station and its control plane; it will be tried again.',
  'trust-expired':
    'Check the clock of the station and of the control plane; starting the control plane renews what it signs.',
  'trust-rollback':
    'The control plane offers older metadata than this station has seen. If its data folder was restored from a backup, publish again until the versions have caught up.',
  'trust-refused':
    'The metadata is damaged or was signed with other keys; enrol the station again (`enrol --again`, with a new claim) if the control plane was replaced.',
  'trust-repository':
    'The trust folder or its keys are damaged; restore both from the same backup before starting again.',
  'trust-repository-busy':
    'Try again; if no other Pomona program runs on this data folder, delete keys/trust.lock.',
  'key-file': 'Name a file that `pomona keys new` made; a file of that name is never overwritten.',
  'trust-change-invalid': 'See who signs for what with `pomona keys list`.',
  'trust-plan-waiting':
    'Sign what is waiting with `pomona keys sign`, or take it back with `pomona keys drop`, and try again.',
  'trust-plan-invalid':
    "Copy the file anew from the control plane: see `pomona keys list`. If it is the one in the control plane's own keys folder, take it back with `pomona keys drop` and make the change again.",
  'release-waiting':
    'Its list needs signatures of keys that are kept elsewhere: see `pomona keys list`, then `pomona keys sign`.',
  'release-unknown': 'Publish the release first, or correct its name and version.',
  'release-differs': 'The desired state and the signed list of releases disagree about what this version is.',
} as const satisfies Record<string, string>;

export type ReleaseErrorCode = keyof typeof hints;

export function releaseError(
  code: ReleaseErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
): AppError {
  return new AppError(code, message, { hint: hints[code], ...options });
}
