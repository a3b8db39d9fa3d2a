import { Button } from '@mantine/core';
import type { Prediction } from '@pomona/wire';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type DragEvent, useId, useRef, useState } from 'react';
import { ApiProblem, postFile } from '../adapters/api.ts';
import { modelsQuery } from '../data/queries.ts';
import { formatPercent } from '../domain/format.ts';
import { gradeStyle } from '../domain/grade-style.ts';
import { Facts } from '../parts/facts.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { PictureView } from '../parts/picture-view.tsx';
import pageStyles from './page.module.css';
import { Page } from './page.tsx';
import styles from './try-it-page.module.css';

/** One photograph, and what a model makes of it. */
export function TryItPage() {
  const models = useQuery(modelsQuery);
  const [model, setModel] = useState<string>();
  const [photograph, setPhotograph] = useState<Blob>();
  const ask = useMutation({
    mutationFn: (file: Blob) =>
      postFile<Prediction>(
        `/v1/predict${model === undefined ? '' : `?model=${encodeURIComponent(model)}`}`,
        file,
      ),
  });
  const look = (file: Blob) => {
    setPhotograph(file);
    ask.mutate(file);
  };
  return (
    <Page title="Try it" note="one photograph of one apple">
      <Panel
        title="Photograph"
        actions={
          <ModelChoice
            names={(models.data ?? []).map(({ name, version }) => `${name}@${version}`)}
            model={model}
            onChoose={setModel}
          />
        }
      >
        <PhotographInput onPhotograph={look} busy={ask.isPending} />
      </Panel>
      {ask.isError && (
        <Notice tone="bad" title={ask.error.message}>
          <p>{ask.error instanceof ApiProblem ? ask.error.hint : 'Try another photograph.'}</p>
        </Notice>
      )}
      {photograph !== undefined && !ask.isError && (
        <div className={pageStyles.half}>
          <Panel title="What it looked at">
            <PictureView picture={photograph} outline={ask.data?.seen.outline} of="The photograph" />
          </Panel>
          {ask.data === undefined ? (
            <Panel title="Grade">
              <p className={pageStyles.soft}>Looking…</p>
            </Panel>
          ) : (
            <Verdict prediction={ask.data} />
          )}
        </div>
      )}
    </Page>
  );
}

interface ModelChoiceProps {
  readonly names: readonly string[];
  readonly model: string | undefined;
  readonly onChoose: (model: string | undefined) => void;
}

function ModelChoice({ names, model, onChoose }: ModelChoiceProps) {
  return (
    <label className={styles.choice}>
      Model
      <select value={model ?? ''} onChange={(event) => onChoose(event.currentTarget.value || undefined)}>
        <option value="">newest</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

interface PhotographInputProps {
  readonly onPhotograph: (file: Blob) => void;
  readonly busy: boolean;
}

function PhotographInput({ onPhotograph, busy }: PhotographInputProps) {
  const id = useId();
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const file = list?.[0];
    if (file) onPhotograph(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the buttons inside do the same.
    <div
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p id={id}>Drop a photograph here, or</p>
      <div className={styles.buttons}>
        <Button loading={busy} onClick={() => files.current?.click()}>
          Choose a file
        </Button>
        <Button variant="default" disabled={busy} onClick={() => camera.current?.click()}>
          Take a photograph
        </Button>
      </div>
      <input
        ref={files}
        type="file"
        hidden
        accept="image/jpeg,image/png,image/webp,image/tiff,image/avif"
        aria-labelledby={id}
        onChange={(event) => take(event.currentTarget.files)}
      />
      <input
        ref={camera}
        type="file"
        hidden
        accept="image/*"
        capture="environment"
        aria-label="Camera"
        onChange={(event) => take(event.currentTarget.files)}
      />
    </div>
  );
}

function Verdict({ prediction }: { readonly prediction: Prediction }) {
  const { grade, probabilities, model, seen, warnings, ms } = prediction;
  const labels = probabilities.map(({ label }) => label);
  return (
    <div className={pageStyles.stack}>
      <Panel title="Grade" note={`${model.name} v${model.version}`}>
        <p className={styles.grade}>
          <GradeMark grade={grade} labels={labels} />
        </p>
        <ul className={styles.bars}>
          {probabilities.map(({ label, probability }) => (
            <li key={label}>
              <span>{label}</span>
              <span className={styles.track}>
                <span
                  className={styles.bar}
                  style={{
                    width: `${probability * 100}%`,
                    background: `var(${gradeStyle(label, labels).colour})`,
                  }}
                />
              </span>
              <span className={styles.share}>{formatPercent(probability)}</span>
            </li>
          ))}
        </ul>
        {warnings.map((warning) => (
          <Notice key={warning} tone="warn" title={warning} />
        ))}
      </Panel>
      <Panel title="The crop" note="all that the model sees">
        <div className={styles.crop}>
          <PictureView picture={pngOf(seen.cropPng)} of="The crop that the model was shown" />
        </div>
        <Facts
          facts={[
            ['Outline', `${formatPercent(seen.score)} trusted`],
            ['Time', `${Math.round(ms)} ms`],
          ]}
        />
      </Panel>
    </div>
  );
}

function pngOf(base64: string): Blob {
  const text = atob(base64);
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type: 'image/png' });
}
