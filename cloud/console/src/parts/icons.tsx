/** Our own few icons, 18 px, drawn with the text's colour; none of them stands without a word. */
import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      width="18"
      height="18"
      viewBox="0 0 18 18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const OverviewIcon = () => (
  <Icon>
    <path d="M2.5 14.5h13M4.5 11.5v-4M9 11.5v-8M13.5 11.5v-5.5" />
  </Icon>
);

export const ModelIcon = () => (
  <Icon>
    <path d="M9 2.2 15 5.5v7L9 15.8 3 12.5v-7zM3.2 5.6 9 8.8l5.8-3.2M9 8.8v6.8" />
  </Icon>
);

export const TrainingIcon = () => (
  <Icon>
    <path d="M2.5 2.5v13h13M5 5c1.5 6 4 8 10 8" />
  </Icon>
);

export const TargetIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="6.5" />
    <circle cx="9" cy="9" r="3" />
    <path d="M9 8.9v.2" />
  </Icon>
);

export const DatasetIcon = () => (
  <Icon>
    <path d="M2.5 3h5.5v5H2.5zM10 3h5.5v5H10zM2.5 10h5.5v5H2.5zM10 10h5.5v5H10z" />
  </Icon>
);

export const RolloutIcon = () => (
  <Icon>
    <path d="M3 9h3M6 9l4-5h5M6 9h9M6 9l4 5h5M13 2l2 2-2 2M13 7l2 2-2 2M13 12l2 2-2 2" />
  </Icon>
);

export const TryIcon = () => (
  <Icon>
    <path d="M2.5 5.5h3l1.2-2h4.6l1.2 2h3v9h-13z" />
    <circle cx="9" cy="9.7" r="2.6" />
  </Icon>
);

export const DriftIcon = () => (
  <Icon>
    <path d="M2.5 5.5h13M2 13c2 0 2.2-1.5 4-1.5s2 1.2 3.5 1.2c2.5 0 2-10 6-10" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M9 2.5 16.2 15H1.8zM9 7v3.8M9 13v.1" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="3.2" />
    <path d="M9 1.5v1.5M9 15v1.5M1.5 9H3M15 9h1.5M3.7 3.7l1.1 1.1M13.2 13.2l1.1 1.1M3.7 14.3l1.1-1.1M13.2 4.8l1.1-1.1" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M14.8 11A6.5 6.5 0 0 1 7 3.2a6.5 6.5 0 1 0 7.8 7.8z" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M6 4v10M12 4v10" />
  </Icon>
);

export const PlayIcon = () => (
  <Icon>
    <path d="M5.5 3.5v11l9-5.5z" />
  </Icon>
);

/** The product's mark: an apple with its leaf. */
export const Mark = () => (
  <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path fill="var(--accent)" d="M17 8c1-4 4-6 8-6-.4 4-3 6.5-8 6z" />
    <path
      fill="var(--grade-2)"
      d="M16 10c-2-2-5-2.5-7.5-1.3C5 10.4 3.5 14 4 18.5 4.6 24 8 30 12 30c1.6 0 2.4-.8 4-.8s2.4.8 4 .8c4 0 7.4-6 8-11.5.5-4.5-1-8.1-4.5-9.8C21 7.5 18 8 16 10z"
    />
  </svg>
);

export const LabelIcon = () => (
  <Icon>
    <path d="M2.5 3v6l6.5 6.5 6-6L8.5 3z" />
    <circle cx="5.7" cy="6.2" r=".6" />
  </Icon>
);

export const RecipeIcon = () => (
  <Icon>
    <path d="M4 2.5h10v13H4zM6.5 6h5M6.5 9h5M6.5 12h3" />
  </Icon>
);

export const SampleIcon = () => (
  <Icon>
    <rect x="2.5" y="2.5" width="5" height="5" rx="1" />
    <rect x="10.5" y="2.5" width="5" height="5" rx="1" />
    <rect x="2.5" y="10.5" width="5" height="5" rx="1" />
    <rect x="10.5" y="10.5" width="5" height="5" rx="1" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <circle cx="6.5" cy="6" r="2.7" />
    <path d="M1.8 15c0-2.8 2-4.6 4.7-4.6s4.7 1.8 4.7 4.6M12.5 4.5h4M12.5 8h4M12.5 11.5h4" />
  </Icon>
);
