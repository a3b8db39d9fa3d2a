import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AlertBadge } from '../parts/alert-badge.tsx';
import {
  DatasetIcon,
  DriftIcon,
  LabelIcon,
  ModelIcon,
  OverviewIcon,
  RecipeIcon,
  RolloutIcon,
  SampleIcon,
  SettingsIcon,
  TargetIcon,
  TrainingIcon,
  TryIcon,
  WarningIcon,
} from '../parts/icons.tsx';
import styles from './shell.module.css';

interface Entry {
  readonly to: NonNullable<LinkProps['to']>;
  readonly text: string;
  readonly icon: ReactNode;
  /** Behind the text. */
  readonly badge?: ReactNode;
}

/** In the order of a day's work: what the lines do, what they run, what they learn from, what to look into. */
const groups: readonly { readonly title: string; readonly entries: readonly Entry[] }[] = [
  {
    title: 'Lines',
    entries: [
      { to: '/', text: 'Overview', icon: <OverviewIcon /> },
      { to: '/alerts', text: 'Alerts', icon: <WarningIcon />, badge: <AlertBadge /> },
    ],
  },
  {
    title: 'Fleet',
    entries: [
      { to: '/recipes', text: 'Recipes', icon: <RecipeIcon /> },
      { to: '/rollouts', text: 'Rollouts', icon: <RolloutIcon /> },
    ],
  },
  {
    title: 'Learning',
    entries: [
      { to: '/targets', text: 'Targets', icon: <TargetIcon /> },
      { to: '/labelling', text: 'Labelling', icon: <LabelIcon /> },
      { to: '/samples', text: 'Data', icon: <SampleIcon /> },
      { to: '/datasets', text: 'Datasets', icon: <DatasetIcon /> },
      { to: '/training', text: 'Training', icon: <TrainingIcon /> },
      { to: '/models', text: 'Models', icon: <ModelIcon /> },
    ],
  },
  {
    title: 'Check',
    entries: [
      { to: '/drift', text: 'Drift', icon: <DriftIcon /> },
      { to: '/try-it', text: 'Try it', icon: <TryIcon /> },
    ],
  },
  { title: 'Pomona', entries: [{ to: '/settings', text: 'Settings', icon: <SettingsIcon /> }] },
];

export function Navigation() {
  return (
    <nav aria-label="Pages" className={styles.nav}>
      {groups.map(({ title, entries }) => (
        <div key={title} className={styles.group}>
          <span className={styles.groupTitle}>{title}</span>
          {entries.map(({ to, text, icon, badge }) => (
            <Link
              key={to}
              to={to}
              className={styles.link}
              activeOptions={{ exact: to === '/' }}
              activeProps={{ 'data-active': true }}
            >
              {icon}
              {text}
              {badge}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}
