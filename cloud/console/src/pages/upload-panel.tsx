import { Button, Checkbox, FileInput, NativeSelect, Progress, TextInput } from '@mantine/core';
import { standardiseOf, type UploadView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiProblem } from '../adapters/api.ts';
import { uploadFile } from '../adapters/upload.ts';
import { datasetsQuery, uploadQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatCount, formatCounted, formatPercent } from '../domain/format.ts';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';

/** A ZIP file of photographs becomes a dataset version. */
export function UploadPanel() {
  const lack = useRole().lacks('operator');
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('photographs');
  const [grades, setGrades] = useState('good, ok, bad');
  const [size, setSize] = useState('64');
  const [whiteBalance, setWhiteBalance] = useState(false);
  const [equalise, setEqualise] = useState(false);
  const [isUnsorted, setUnsorted] = useState(false);
  const [sent, setSent] = useState(0);
  const upload = useMutation({
    mutationFn: (zip: File) => {
      setSent(0);
      const labels = grades.split(/[\s,]+/).filter((grade) => grade !== '');
      const colours = standardiseOf({ whiteBalance, equalise });
      const query = new URLSearchParams({ file: zip.name, grades: labels.join(','), size, ...colours });
      if (isUnsorted) query.set('unsorted', 'true');
      const path = `/v1/datasets/${encodeURIComponent(name)}/uploads?${query}`;
      return uploadFile<UploadView>(path, zip, 'application/zip', setSent);
    },
  });
  return (
    <Panel
      title="Import photographs"
      note={
        isUnsorted
          ? 'a ZIP file; its folders are the groups'
          : 'a ZIP file with a folder per grade, or an index.csv'
      }
    >
      <form
        className={form.fields}
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null) upload.mutate(file);
        }}
      >
        <FileInput
          label="ZIP file"
          placeholder="Choose a file"
          accept=".zip,application/zip"
          required
          disabled={lack !== undefined}
          value={file}
          onChange={setFile}
        />
        <TextInput
          label="Dataset"
          required
          pattern="[a-z0-9][a-z0-9\-]{0,39}"
          title="lower-case letters, digits and dashes"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Grades, best first"
          required
          value={grades}
          onChange={(event) => setGrades(event.currentTarget.value)}
        />
        <NativeSelect
          label="Side of the crops, pixels"
          title="That of the model that they are for, which `pomona model show` says; those of 96 take about twice the time"
          data={['64', '96']}
          value={size}
          onChange={(event) => setSize(event.currentTarget.value)}
        />
        <Checkbox
          className={form.choice}
          label="Take the light’s colour out"
          description="White balance by what surrounds each fruit; stations do the same"
          checked={whiteBalance}
          onChange={(event) => setWhiteBalance(event.currentTarget.checked)}
        />
        <Checkbox
          className={form.choice}
          label="Equalise contrast"
          description="Of each fruit; stations do the same"
          checked={equalise}
          onChange={(event) => setEqualise(event.currentTarget.checked)}
        />
        <Checkbox
          className={form.submit}
          label="Nobody graded them yet: bring them to the page Labelling"
          checked={isUnsorted}
          onChange={(event) => setUnsorted(event.currentTarget.checked)}
        />
        <div className={form.submit}>
          <Button type="submit" loading={upload.isPending} disabled={lack !== undefined} title={lack}>
            Import
          </Button>
          {upload.isPending && <span>{formatPercent(sent)} sent</span>}
        </div>
      </form>
      <Failure error={upload.error} />
      {upload.data !== undefined && <Outcome name={upload.data.name} id={upload.data.id} />}
    </Panel>
  );
}

/** No version came of it, but what was looked at is kept. */
const leavesQuarantine: ReadonlySet<string> = new Set(['dataset-empty', 'dataset-one-class']);

function Outcome({ name, id }: { readonly name: string; readonly id: number }) {
  const client = useQueryClient();
  const upload = useQuery(uploadQuery(name, id));
  const isDone = upload.data?.state === 'done';
  useEffect(() => {
    if (!isDone) return;
    void client.invalidateQueries(datasetsQuery);
    void client.invalidateQueries({ queryKey: ['samples'] });
  }, [client, isDone]);
  // An answer that fails to come says nothing of the upload, which is asked for again; that it is unknown ends it.
  if (upload.data === undefined || (upload.error instanceof ApiProblem && upload.error.status === 404))
    return <Failure error={upload.error} />;
  const { state, done, total, quarantined, dataset, waiting, notes, problem, file } = upload.data;
  if (problem !== null)
    return (
      <Notice tone="bad" title={problem.message}>
        <p>{problem.hint}</p>
        {leavesQuarantine.has(problem.code) && quarantined > 0 && (
          <Link to="/labelling">See the quarantine</Link>
        )}
      </Notice>
    );
  if (waiting !== null)
    return (
      <div className={form.below}>
        <Notice
          tone={quarantined > 0 ? 'warn' : 'calm'}
          title={`Photographs: ${formatCount(waiting.added)} new, ${formatCount(waiting.known)} known before, ${formatCount(quarantined)} quarantined.`}
        >
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          <Link to="/labelling">Label them</Link>
        </Notice>
      </div>
    );
  if (dataset === null)
    return (
      <div className={form.below} role="status">
        <p>
          {state === 'unpacking'
            ? `${file} is unpacked…`
            : `${formatCount(done)} of ${formatCounted(total, 'photograph')} looked at, ${formatCount(quarantined)} cannot be used`}
        </p>
        <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label="Photographs looked at" />
      </div>
    );
  return (
    <div className={form.below}>
      <Notice
        tone={quarantined > 0 ? 'warn' : 'calm'}
        title={`${dataset.name} has ${formatCounted(dataset.images, 'photograph')}, and ${formatCount(quarantined)} in its quarantine.`}
      >
        {dataset.keptSplit !== undefined && <p>{dataset.keptSplit}.</p>}
        {notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
        <Link to="/datasets/$name/$digest" params={{ name: dataset.name, digest: dataset.digest }}>
          See the version
        </Link>
      </Notice>
    </div>
  );
}
