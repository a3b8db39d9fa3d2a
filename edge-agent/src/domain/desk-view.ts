/** What the page at the line shows: what the agent's page and its server have agreed on. Durations are milliseconds. */
import type { LensCondition } from './lens-watch.ts';
import type { ShownFruit } from './line-messages.ts';
import type { Tally } from './line-tally.ts';

/** Everything but pictures; the page asks for it twice a second. */
export interface DeskView {
  readonly site: string;
  readonly line: string;
  readonly station: string;
  /** Changes when the agent was started again. */
  readonly boot: string;
  /** Undefined while fruit is graded. */
  readonly pausedForMs: number | undefined;
  /** It is on disk whether grading is paused, and so the same when the agent is started again. */
  readonly isPauseKept: boolean;
  readonly camera: {
    readonly state: 'waiting' | 'running' | 'stopped';
    /** What the camera said when it stopped. */
    readonly detail: string;
    readonly framesPerSecond: number;
    /** What is wrong with its picture and what to do, in words. */
    readonly faults: readonly string[];
  };
  /** What is wrong with what is said of the belt's travel and what to do, in words. */
  readonly beltFaults: readonly string[];
  readonly lens: LensCondition;
  /** What switches the outlets; undefined where nothing is switched. Shots are those of the last ten minutes. */
  readonly gates: DeskGates | undefined;
  /** It was full at the start: records wait in memory. */
  readonly isDiskFull: boolean;
  readonly cloud: { readonly isUp: boolean; readonly forMs: number; readonly waitingRecords: number };
  /** What grades new fruit; undefined before there is a release. */
  readonly release: DeskRelease | undefined;
  /** How far an update is, in its own words. */
  readonly update: string;
  readonly fruitsPerMinute: number;
  readonly sinceStart: Tally;
  readonly lot: Tally;
  /** Newest first. */
  readonly rejects: readonly DeskFruit[];
  readonly others: readonly DeskFruit[];
}

export interface DeskGates {
  readonly isUp: boolean;
  /** Since it answers, or does not. */
  readonly forMs: number;
  /** What was said last of why it does not; undefined while it does. */
  readonly why: string | undefined;
  readonly late: number;
  readonly failed: number;
  /** Of one outlet, one after the other, whose fruit no sensor saw leave. */
  readonly unconfirmedInARow: number;
  /** Gates of the recipe whose fruit travels on together, for want of outlets. */
  readonly withoutOutlet: readonly number[];
}

export interface DeskRelease {
  readonly name: string;
  readonly version: number;
  readonly variant: string;
  readonly recipeVersion: number;
  /** Of its recipe. */
  readonly grades: readonly string[];
}

export interface DeskFruit extends Omit<ShownFruit, 'view' | 'size' | 'belt' | 'isReject'> {
  readonly hasView: boolean;
  /** What the operator said it is. */
  readonly corrected: string | undefined;
}

/** What the server adds. */
export interface Access {
  /** Something can be changed once the PIN was typed. */
  readonly hasPin: boolean;
  readonly isSignedIn: boolean;
}
