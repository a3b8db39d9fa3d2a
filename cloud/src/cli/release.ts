import { readFile, rm } from 'node:fs/promises';
import { digestOf, releaseError } from '@pomona/release';
import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { readReleaseArchive, writeReleaseArchive } from '../adapters/release-archive.ts';
import { type VerifiedArchive, verifyArchive } from '../adapters/verify-archive.ts';
import { archiveError } from '../domain/archive-errors.ts';
import { failedGates } from '../domain/gates.ts';
import { importRelease } from '../use-cases/import-release.ts';
import { openTrust } from './keys.ts';
import { localActor } from './local-actor.ts';
import { dataOption, jsonOption, pathOption, reasonOption } from './options.ts';
import { createOutput } from './output.ts';
import { buildCommand } from './release-build.ts';
import { withRegistry } from './with-registry.ts';

interface ReleaseOptions {
  readonly data: string;
  readonly out: string;
  readonly root: string;
  readonly reason: string;
  readonly json?: true;
}

const rootOption = [
  '--root <file>',
  'root metadata of the control plane that made it, as `pomona keys root` prints it there; brought another way',
  pathOption,
] as const;

export function releaseCommand(): Command {
  const exporting = new Command('export')
    .description('write a release and the signatures that it needs to one file')
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .requiredOption('--out <file>', 'the file; one that is there is not overwritten', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(exportRelease);
  const verifying = new Command('verify')
    .description('check such a file against a root, without any control plane')
    .argument('<file>', 'what `pomona release export` wrote', pathOption)
    .requiredOption(...rootOption)
    .option(...jsonOption)
    .action(async (file: string, options: ReleaseOptions) => {
      const { verified } = await readVerified(file, options.root);
      createOutput(options.json === true).report(summaryOf(verified), describe(verified));
    });
  const importing = new Command('import')
    .description('check such a file, sign the release with the keys of this control plane, and register it')
    .argument('<file>', 'what `pomona release export` wrote', pathOption)
    .requiredOption(...rootOption)
    .requiredOption('--reason <text>', 'why; it is kept in the log', reasonOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(importFile);
  return new Command('release')
    .description('releases: made anew, and as files for sites without network')
    .addCommand(buildCommand())
    .addCommand(exporting)
    .addCommand(verifying)
    .addCommand(importing);
}

async function exportRelease(reference: string, { data, out, json }: ReleaseOptions): Promise<void> {
  const model = await withRegistry(data, ({ models }) => models.resolve(reference));
  const trust = await openTrust(data);
  if (await trust.isWaiting(model))
    throw releaseError('release-waiting', `${model.name}@${model.version} is not on the signed list yet`);
  await writeReleaseArchive(out, data, model.digest);
  try {
    // What a reader would find; a damaged blob is noticed here and not at the other site.
    const verified = await verifyArchive(await readReleaseArchive(out), trust.rootJson());
    createOutput(json === true).report(
      { file: out, ...summaryOf(verified) },
      `${describe(verified)}\nin ${out}`,
    );
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  }
}

async function importFile(file: string, options: ReleaseOptions): Promise<void> {
  const { verified, rootJson } = await readVerified(file, options.root);
  const { data, reason, json } = options;
  const imported = await withRegistry(data, async ({ models, project }) =>
    importRelease(
      { trust: await openTrust(data), blobs: new BlobFolder(data), models, project, clock: systemClock },
      verified,
      { actor: localActor(), reason, rootDigest: digestOf(Buffer.from(rootJson)) },
    ),
  );
  const { model, said } = imported;
  const failed = failedGates(model.gates ?? []).map(({ name }) => name);
  const outcome = {
    published: 'is registered, and stations may have it',
    waiting: 'is registered; it waits for signatures: pomona keys list',
    known: 'was here already',
  }[said];
  const gates =
    failed.length === 0 ? 'it passes the gates of this project' : `gates failed: ${failed.join(', ')}`;
  createOutput(json === true).report(
    { ...summaryOf(verified), said, gatesFailed: failed },
    `${model.name}@${model.version} ${outcome}; ${gates}`,
  );
}

async function readVerified(
  file: string,
  rootFile: string,
): Promise<{ readonly verified: VerifiedArchive; readonly rootJson: string }> {
  const rootJson = await readFile(rootFile, 'utf8').catch((cause: unknown) => {
    throw archiveError('root-unreadable', `cannot read ${rootFile}`, cause);
  });
  return {
    verified: await verifyArchive(await readReleaseArchive(file), rootJson.trim()),
    rootJson: rootJson.trim(),
  };
}

function summaryOf({ release, manifest, signedAt }: VerifiedArchive) {
  const { dataset, parent, variants } = manifest;
  return { release, signedAt, dataset, parent: parent ?? null, variants: variants.map(({ name }) => name) };
}

function describe({ release, manifest, signedAt }: VerifiedArchive): string {
  const { name, version, digest } = release;
  const { dataset, files, createdAt } = manifest;
  return [
    `${name}@${version}  ${digest}`,
    `made     ${createdAt}, from ${dataset.name}@${dataset.digest.slice(0, 12)}`,
    `signed   list vouched for at ${signedAt}`,
    `files    ${files.map((file) => `${file.name} (${file.bytes} bytes)`).join(', ')}: all as signed`,
  ].join('\n');
}
