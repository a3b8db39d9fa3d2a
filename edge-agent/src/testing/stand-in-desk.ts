/** A desk over a line that does what the grading worker would say it does. */
import type { DeskRelease } from '../domain/desk-view.ts';
import type { FromLine, LineQuestion, ShownFruit } from '../domain/line-messages.ts';
import { type DeskMemory, LineDesk } from '../use-cases/line-desk.ts';
import { VirtualTime } from './virtual-time.ts';

export const deskRelease: DeskRelease = {
  ...{ name: 'apples', version: 3, variant: 'int8', recipeVersion: 2 },
  grades: ['good', 'ok', 'bad'],
};

export function shownFruit(seq: number, change: Partial<ShownFruit> = {}): ShownFruit {
  return {
    ...{ seq, lane: 0, grade: 'bad', outcome: 'graded', isReject: true },
    ...{ reason: 'looks bad (80 %)', diameterMm: 72, labels: ['good', 'ok', 'bad'], size: 4 },
    view: new Uint8Array(48).fill(90),
    belt: { red: 40, green: 40, blue: 40 },
    ...change,
  };
}

export function standInDesk(memory: DeskMemory = {}) {
  const time = new VirtualTime();
  const told: string[] = [];
  const remembered: DeskMemory[] = [];
  const asked: LineQuestion[] = [];
  const state = { isLinkUp: false, isDiskFull: false, writeMs: 0, answers: true };
  const desk: LineDesk = new LineDesk(
    { address: { site: 'valley', line: 'line-1', station: 'valley-1-a' }, boot: '00', memory },
    {
      scheduler: time,
      line: {
        pause: (isPaused) => told.push(isPaused ? 'pause' : 'resume'),
        ask: (question) => {
          asked.push(question);
          const answer = state.answers && answerOf(question);
          if (answer) queueMicrotask(() => desk.hear(answer));
        },
      },
      remember: async (next) => {
        if (state.isDiskFull) throw new Error('disk full');
        const { writeMs } = state;
        if (writeMs > 0) await new Promise<void>((resolve) => time.after(writeMs, resolve));
        remembered.push(next);
      },
      facts: () => ({
        isLinkUp: state.isLinkUp,
        waitingRecords: 5,
        isDiskFull: false,
        release: deskRelease,
        update: 'active',
      }),
      onDone: (what) => told.push(what),
      onTrouble: (code) => told.push(code),
    },
  );
  const decide = (fruit: ShownFruit) =>
    desk.hear({ kind: 'decided', grade: fruit.grade, outcome: fruit.outcome, shown: fruit });
  return { desk, time, told, remembered, asked, state, decide };
}

function answerOf(question: LineQuestion): FromLine | undefined {
  if (question.kind === 'views')
    return { kind: 'views', seq: question.seq, size: 4, crops: [new Uint8Array(48), new Uint8Array(48)] };
  if (question.kind === 'correct')
    return { kind: 'corrected', seq: question.seq, ...(question.seq === 13 && { problem: 'no disk' }) };
  return undefined;
}
