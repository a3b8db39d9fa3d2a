import type { SampleView } from '@pomona/wire';
import type { ReactNode } from 'react';
import { formatPercent } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import type { LabellingTask } from '../domain/labelling-words.ts';
import { Ago } from '../parts/ago.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';

/**
 * What somebody may know of a fruit before they say what it is. Who gives a second opinion is told nothing of what was thought of it before: two who
 * follow the model agree with each other for nothing.
 */
export function labellingFacts(task: LabellingTask, sample: SampleView): [string, ReactNode][] {
  const shares = orderGrades(sample.labels).map(
    (label) => `${label} ${formatPercent(sample.probabilities[sample.labels.indexOf(label)] ?? 0)}`,
  );
  const mark = (grade: string) => <GradeMark grade={grade} labels={sample.labels} />;
  const why = sample.queue?.why ?? [reasons[sample.reason]];
  const model: [string, ReactNode][] = [
    ['The model thought', shares.join(' · ')],
    ['It was graded', mark(sample.fruit.grade)],
    ...(sample.candidate === null
      ? []
      : [
          [
            `${sample.candidate.name} v${sample.candidate.version} calls it`,
            mark(sample.candidate.grade),
          ] satisfies [string, ReactNode],
        ]),
  ];
  const said: [string, ReactNode][] = [
    [`${sample.labelledBy} said`, sample.label === null ? '' : mark(sample.label)],
    [`${sample.second?.by} said`, sample.second === null ? '' : mark(sample.second.label)],
  ];
  return [
    ...(task === 'decision' ? said : []),
    ...(task === 'opinion' ? [] : model),
    ...(task === 'label' ? [['Why it is here', why.join('; ')] satisfies [string, ReactNode]] : []),
    ['Station', `${sample.station}, lane ${sample.fruit.lane + 1}`],
    ['Model', `${sample.release.name} v${sample.release.version}`],
    ['Seen', <Ago key="ago" at={sample.at} />],
  ];
}

const reasons = {
  uncertain: 'the model was unsure',
  random: 'chosen at random',
  asked: 'asked for',
  disagreeing: 'a candidate calls it otherwise',
};
