import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Share of a confusion matrix's row that a cell holds, a percentage. */
    '--depth'?: string;
  }
}
