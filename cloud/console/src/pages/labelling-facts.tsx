import { isOfStation, type SampleView, type StationSample } from '@pomona/wire';
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
  const mark = (grade: string) => <GradeMark grade={grade} labels={sample.labels} />;
  const why = sample.queue?.why ?? [reasons[sample.reason]];
  const said: [string, ReactNode][] = [
    [`${sample.labelledBy} said`, sample.label === null ? '' : mark(sample.label)],
    [`${sample.second?.by} said`, sample.second === null ? '' : mark(sample.second.label)],
  ];
  return [
    ...(task === 'decision' ? said : []),
    ...(task !== 'opinion' && isOfStation(sample) ? modelFacts(sample) : []),
    ...(task === 'label' ? [['Why it is here', why.join('; ')] satisfies [string, ReactNode]] : []),
    ...(isOfStation(sample) ? stationFacts(sample) : photographFacts(sample)),
    [
      sample.photograph === null || sample.photograph.about?.capturedAt ? 'Seen' : 'Imported',
      <Ago key="ago" at={sample.at} />,
    ],
  ];
}

function modelFacts({ labels, probabilities, fruit, candidate }: StationSample): [string, ReactNode][] {
  const shares = orderGrades(labels).map(
    (label) => `${label} ${formatPercent(probabilities[labels.indexOf(label)] ?? 0)}`,
  );
  return [
    ['The model thought', shares.join(' · ')],
    ['It was graded', <GradeMark key="grade" grade={fruit.grade} labels={labels} />],
    ...(candidate === null
      ? []
      : [
          [
            `${candidate.name} v${candidate.version} calls it`,
            <GradeMark key="candidate" grade={candidate.grade} labels={labels} />,
          ] satisfies [string, ReactNode],
        ]),
  ];
}

function stationFacts({ station, fruit, release }: StationSample): [string, ReactNode][] {
  return [
    ['Station', `${station}, lane ${fruit.lane + 1}`],
    ['Model', `${release.name} v${release.version}`],
  ];
}

function photographFacts({ photograph }: SampleView): [string, ReactNode][] {
  if (photograph === null) return [];
  const { dataset, path, group, about = {}, refused } = photograph;
  const known = (['variety', 'block', 'lot', 'line', 'station', 'source'] as const).flatMap((name) =>
    about[name] === undefined ? [] : [`${name} ${about[name]}`],
  );
  return [
    ...(refused === null ? [] : [['Quarantined because', refused] satisfies [string, ReactNode]]),
    ['Photograph', path],
    ...(group === path ? [] : [['Group', group] satisfies [string, ReactNode]]),
    ...(known.length === 0 ? [] : [['About', known.join(' · ')] satisfies [string, ReactNode]]),
    ['For', dataset],
  ];
}

const reasons = {
  uncertain: 'the model was unsure',
  random: 'chosen at random',
  asked: 'asked for',
  disagreeing: 'a candidate calls it otherwise',
  photograph: 'somebody imported it',
};
