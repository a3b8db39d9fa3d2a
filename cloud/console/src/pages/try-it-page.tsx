import { Button } from '@mantine/core';
import type { ModelView, Prediction } from '@pomona/wire';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type DragEvent, useId, useMemo, useRef, useState } from 'react';
import { ApiProblem, postFile } from '../adapters/api.ts';
import { modelsQuery } from '../data/queries.ts';
import { formatPercent } from '../domain/format.ts';
import { gradeStyle, orderGrades } from '../domain/grade-style.ts';
import { Facts } from '../parts/facts.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { type Explained, PictureView, pngOf } from '../parts/picture-view.tsx';
import pageStyles from './page.module.css';
import { Page } from './page.tsx';
import styles from './try-it-page.module.css';

/** One photograph, and what a model makes of it. */
export function TryItPage() {
  const models = useQuery(modelsQuery);
  const [model, setModel] = useState<string>();
  const [photograph, setPhotograph] = useState<File>();
  const wanted = model ?? newestOf(models.data ?? []);
  const ask = useMutation({
    mutationFn: (file: File) =>
      postFile<Prediction>(
        `/v1/predict${wanted === undefined ? '' : `?model=${encodeURIComponent(wanted)}`}`,
        asPicture(file),
      ),
  });
  const [asked, setAsked] = useState<string>();
  const { explained, onCrop } = useExplained(ask.data, asked);
  const look = (file: File) => {
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
        <PhotographInput onPhotograph={look} busy={ask.isPending || models.isPending} />
      </Panel>
      {ask.isError && (
        <Notice tone="bad" title={`${ask.variables.name}: ${ask.error.message}`}>
          <p>{ask.error instanceof ApiProblem ? ask.error.hint : 'Try another photograph.'}</p>
        </Notice>
      )}
      {photograph !== undefined && !ask.isError && (
        <div className={pageStyles.half}>
          <Panel title="What it looked at">
            <PictureView
              picture={photograph}
              outline={ask.data?.seen.outline}
              explained={explained}
              of="The photograph"
            />
            {ask.data !== undefined && <Why prediction={ask.data} asked={asked} onAsk={setAsked} />}
          </Panel>
          {ask.data === undefined ? (
            <Panel title="Grade">
              <p className={pageStyles.soft}>Looking…</p>
            </Panel>
          ) : (
            <Verdict prediction={ask.data} explained={onCrop} />
          )}
        </div>
      )}
    </Page>
  );
}

/** Browsers name the type by the file's ending: one that is no picture's is left for the control plane to find out from the bytes. */
function asPicture(file: File): Blob {
  return file.type.startsWith('image/') ? file : new Blob([file], { type: 'application/octet-stream' });
}

/** Of whatever name: there need not be any of the project's usual one. What was pruned can look at nothing. */
function newestOf(models: readonly ModelView[]): string | undefined {
  const [newest] = models
    .filter(({ filesRemovedAt }) => filesRemovedAt === undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return newest && `${newest.name}@${newest.version}`;
}

/** What to draw over the photograph and over the crop; nothing while nobody asks. */
function useExplained(prediction: Prediction | undefined, label: string | undefined) {
  return useMemo((): { explained?: Explained; onCrop?: Explained } => {
    const explanation = prediction?.explanation;
    if (explanation === undefined || label === undefined) return {};
    const onCrop = { explanation, label };
    return { explained: { ...onCrop, place: prediction!.seen.cropPlace }, onCrop };
  }, [prediction, label]);
}

interface WhyProps {
  readonly prediction: Prediction;
  readonly asked: string | undefined;
  readonly onAsk: (label: string | undefined) => void;
}

/** Shows over the pictures what spoke for a grade and what against it. */
function Why({ prediction: { explanation, grade }, asked, onAsk }: WhyProps) {
  if (explanation === undefined)
    return <p className={styles.why}>This network’s grade cannot be followed back to places.</p>;
  const choices = [undefined, ...orderGrades(explanation.byLabel.map(({ label }) => label))];
  return (
    <div className={styles.why}>
      <fieldset className={styles.choices} aria-label="Over the pictures">
        {choices.map((label) => (
          <Button
            key={label ?? ''}
            size="compact-md"
            variant={label === asked ? 'light' : 'subtle'}
            aria-pressed={label === asked}
            onClick={() => onAsk(label)}
          >
            {label === undefined ? 'Outline only' : `Why ${label}`}
          </Button>
        ))}
      </fieldset>
      <p>
        {asked === undefined ? (
          <>See what made it {grade}: choose a grade.</>
        ) : (
          <>
            <span className={styles.for}>■</span> speaks for {asked},{' '}
            <span className={styles.against}>■</span> against it; deeper is stronger.
          </>
        )}
      </p>
    </div>
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
  readonly onPhotograph: (file: File) => void;
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

interface VerdictProps {
  readonly prediction: Prediction;
  readonly explained: Explained | undefined;
}

function Verdict({ prediction, explained }: VerdictProps) {
  const { grade, probabilities, model, seen, warnings, ms } = prediction;
  const labels = probabilities.map(({ label }) => label);
  const crop = useMemo(() => pngOf(seen.cropPng), [seen.cropPng]);
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
          <PictureView picture={crop} explained={explained} of="The crop that the model was shown" />
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
