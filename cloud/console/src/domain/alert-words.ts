import type { AlertKind } from '@pomona/wire';

/** For who looks after quality and not after computers: what a kind of alert means, and what to do. */
export const alertWords: Readonly<Record<AlertKind, { readonly means: string; readonly todo: string }>> = {
  'drift-camera': {
    means: 'The camera sees otherwise than before, so fruit may be graded wrongly though it did not change.',
    todo: 'Clean the lens and check the lamp.',
  },
  'drift-population': {
    means:
      'Other fruit comes than before, as with a new lot, harvest or variety; the grades may still be right.',
    todo: 'Check some fruit of each grade by eye.',
  },
  'drift-model': {
    means: 'The model is less or otherwise sure of its grades than before.',
    todo: 'Label some of this fruit under Labelling, and train again.',
  },
  'station-offline': {
    means: 'Nothing comes in from this station; it may still grade by itself.',
    todo: 'Check its power and its network cable.',
  },
  'station-health': {
    means: 'The computer at this station is near a limit, and may soon miss fruit or lose records.',
    todo: 'Check what the figures name: heat, disk or the connection.',
  },
  'station-camera': {
    means:
      'The camera of this station does not see the line as it should; fruit may go ungraded or be graded wrongly.',
    todo: 'Go and look at the camera.',
  },
  'station-certificate': {
    means:
      'The certificate by which this station connects runs out and does not renew itself; it would grade on, unheard.',
    todo: 'Let the board reach the port of Pomona at which it was enrolled.',
  },
  'rollout-paused': {
    means: 'A new model stopped on its way to the stations; those that do not have it keep the old one.',
    todo: 'Read the reason under Rollouts, then resume it or roll it back.',
  },
  'retrain-proposed': {
    means:
      'Enough has changed that a newly trained model may grade better; nothing changes until it is approved.',
    todo: 'Look at the proposal, and approve it if it is right.',
  },
};
