/** What lies over the page for a moment: the PIN, and a fruit to look at closer. */
import type { DeskFruit } from '../src/domain/desk-view.js';
import { ask, Refused } from './ask.ts';
import { byId, make, setText } from './elements.ts';
import { fruitMark, type GradeMarks, gradeMark, marksOf } from './grade-look.ts';

const pinSheet = byId<HTMLDialogElement>('pin-sheet');
const pinDigitsMax = 12;
let pin = '';
let afterPin: (isSignedIn: boolean) => void = () => undefined;
/** While the sheet is open. */
let asked: Promise<boolean> | undefined;

function showPin(message = ''): void {
  setText(byId('pin-shown'), '•'.repeat(pin.length));
  setText(byId('pin-message'), message);
}

function type(digit: string): void {
  if (pin.length < pinDigitsMax) pin += digit;
  showPin();
}

async function enterPin(): Promise<void> {
  const typed = pin;
  pin = '';
  try {
    await ask('line/session', 'POST', { pin: typed });
    showPin();
    afterPin(true);
    pinSheet.close();
  } catch (error) {
    showPin(error instanceof Refused ? error.message : 'The station does not answer.');
  }
}

for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  byId('pin-keys').append(make('button', { type: 'button', onclick: () => type(key) }, key));
byId('pin-keys').append(
  make('button', { type: 'button', onclick: () => pinSheet.close() }, 'Cancel'),
  make('button', { type: 'button', onclick: () => type('0') }, '0'),
  // What has the focus is pressed by the keyboard's Enter: without this the first digit would be.
  make(
    'button',
    { type: 'button', className: 'strong', autofocus: true, onclick: () => void enterPin() },
    'Enter',
  ),
);
pinSheet.addEventListener('keydown', (event) => {
  if (/^\d$/.test(event.key)) type(event.key);
  if (event.key === 'Backspace') {
    pin = pin.slice(0, -1);
    showPin();
  }
  // A key that has the focus is pressed by it already.
  if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) void enterPin();
});
pinSheet.addEventListener('close', () => {
  pin = '';
  afterPin(false);
  asked = undefined;
});

/** Resolves whether the PIN was typed, for all who ask while the sheet is open. */
export function askForPin(): Promise<boolean> {
  asked ??= new Promise((resolve) => {
    showPin();
    pinSheet.showModal();
    afterPin = resolve;
  });
  return asked;
}

/** Does something that needs the PIN, and asks for it first when the station does. Returns false when nobody typed it. */
export async function withPin(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'pin-needed') throw error;
  }
  if (!(await askForPin())) return false;
  await action();
  return true;
}

const fruitSheet = byId<HTMLDialogElement>('fruit-sheet');
byId('fruit-close').addEventListener('click', () => fruitSheet.close());

/** `boot`: of the agent that shows it; one that was started again has other fruit by the same numbers. */
export function openFruit(fruit: DeskFruit, marks: GradeMarks, boot: string, mayCorrect: boolean): void {
  const { seq, grade, lane, outcome, reason, diameterMm, labels, hasView, corrected } = fruit;
  byId('fruit-title').replaceChildren(
    outcome === 'paused' ? 'Not graded: ' : 'Graded ',
    fruitMark(fruit, marks),
  );
  setText(byId('fruit-reason'), `${reason}. Lane ${lane + 1}, ${Math.round(diameterMm)} mm.`);
  const views = byId<HTMLImageElement>('fruit-views');
  views.hidden = !hasView;
  views.alt = `The views of this fruit, ${outcome === 'paused' ? 'not graded' : `graded ${grade}`}`;
  if (hasView) views.src = `line/fruit/${seq}/views.png`;
  setText(byId('fruit-message'), corrected === undefined ? '' : `Somebody said: ${corrected}.`);
  const mayAsk = hasView && mayCorrect;
  byId('fruit-question').hidden = !mayAsk;
  byId('fruit-grades').replaceChildren(
    ...(mayAsk
      ? labels.map((label) =>
          make(
            'button',
            { type: 'button', onclick: () => void correct(seq, label, boot), ariaLabel: `It is ${label}` },
            gradeMark(label, marksOf(labels)),
          ),
        )
      : []),
  );
  fruitSheet.showModal();
}

async function correct(seq: number, grade: string, boot: string): Promise<void> {
  const message = byId('fruit-message');
  try {
    if (await withPin(() => ask(`line/fruit/${seq}/grade`, 'POST', { grade, boot })))
      setText(message, `Thank you. It is kept as ${grade}, and the model will learn from it.`);
  } catch (error) {
    setText(message, error instanceof Refused ? error.message : 'The station does not answer.');
  }
}
