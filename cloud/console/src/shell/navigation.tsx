import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AlertBadge } from '../parts/alert-badge.tsx';
import {
  DatasetIcon,
  LabelIcon,
  ModelIcon,
  OverviewIcon,
  RolloutIcon,
  SampleIcon,
  SettingsIcon,
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
