import type { ModelView } from '@pomona/wire';
import { calibrate, learntBefore } from './calibrate.ts';
import { findModel } from './find-model.ts';
import { registerVersion } from './register-version.ts';
import type { JobRun } from './run-job.ts';
import type { TrainAndRegisterPorts } from './train-and-register.ts';
import { weightsOf } from './weights-of.ts';

/**
 * Makes the release of a version anew with the code of today: what it learnt is exported, quantized, judged on the same dataset version, held against
 * the gates of today, signed, and registered as a new version. A calibrated one is calibrated on the same photographs again. Errors: `model-unknown`,
 * those of the training program.
 */
export async function rebuildRelease(
  ports: TrainAndRegisterPorts,
  model: { readonly name: string; readonly version: number },
  run: JobRun,
  reason = 'a release was to be made anew',
): Promise<ModelView> {
  const { name } = model;
  const before = await findModel(ports, model);
  if (before.calibration !== undefined)
    return calibrate(ports, { model, dataset: before.calibration.dataset, reason }, run);
  const fromWeights = await weightsOf(ports, model);
  const version = await ports.models.nextVersion(name);
  const { dataset, network, seed } = before;
  const artifacts = await ports.trainer.train({
    ...{ dataset, network, seed, epochs: 0, fromWeights, job: run.id, signal: run.signal },
    ...{ run: `${name}-${version}-job-${run.id}`, onEvent: run.onEvent },
  });
  return registerVersion(
    ports,
    {
      ...{ name, version, parent: { name, version: before.version }, made: 'built', reason },
      artifacts: { ...artifacts, summary: { ...artifacts.summary, ...learntBefore(before) } },
    },
    run,
  );
}
