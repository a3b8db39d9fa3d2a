/** The page at the line: asks the station twice a second how it is, and for a picture as often as there is one. */
import type { Access, DeskFruit, DeskGates, DeskView } from '../src/domain/desk-view.js';
import { ask, pause, Refused } from './ask.ts';
import { drawPicture, readPicture } from './draw-line.ts';
import { byId, inWords, make, setText } from './elements.ts';
import { fruitMark, type GradeMarks, gradeMark, marksOf } from './grade-look.ts';
import { askForPin, openFruit, withPin } from './sheets.ts';

type View = DeskView & { readonly access: Access };
type Tone = 'good' | 'calm' | 'warn' | 'bad';

const viewMs = 500;
const againMs = 1_500;
/** How long it says why something was not done. */
const reasonMs = 6_000;
/** A picture older than that is no live one. */
const picturelessMax = 2;
/** Of a grade's name in one line of a card. */
const cardCharsMax = 9;

let view: View | undefined;
/** What fruit may be given now. */
let grades: readonly string[] = [];
let marks: GradeMarks = new Map();
/** Why the last thing that was asked for was not done; it stands before what the station says of itself. */
let reason: { readonly text: string } | undefined;

void followView();
void followPicture();

byId('pause').addEventListener('click', () => {
  const path = view?.pausedForMs === undefined ? 'line/pause' : 'line/resume';
  void act(() => ask(path, 'POST'));
});
byId('lot').addEventListener('click', () => void act(() => ask('line/lot', 'POST')));
byId('lock').addEventListener('click', () => void act(() => ask('line/session', 'DELETE')));

async function act(action: () => Promise<unknown>): Promise<void> {
  reason = undefined;
  try {
    await withPin(action);
    await lookOnce();
  } catch (error) {
    await explain(error instanceof Refused ? error.message : 'The station does not answer.');
  }
}

async function explain(text: string): Promise<void> {
  const mine = { text };
  reason = mine;
  notice('bad', text);
  await pause(reasonMs);
  if (reason === mine) reason = undefined;
}

async function followView(): Promise<void> {
  for (;;) {
    let waitMs = viewMs;
    try {
      await lookOnce();
    } catch (error) {
      waitMs = againMs;
      if (error instanceof Refused && error.code === 'pin-needed') await askForPin();
      else notice('bad', 'This page has lost the station. Grading goes on by itself.');
    }
    await pause(waitMs);
  }
}

async function lookOnce(): Promise<void> {
  view = (await (await ask('line/view')).json()) as View;
  show(view);
}

async function followPicture(): Promise<void> {
  const canvas = byId<HTMLCanvasElement>('picture');
  const note = byId('picture-note');
  let id = 0;
  let missing = 0;
  for (;;) {
    try {
      const answer = await ask(`line/picture?after=${id}`);
      if (answer.status === 204) {
        missing++;
        // At once when too many look already.
        await pause(againMs);
      } else {
        const picture = readPicture(await answer.arrayBuffer());
        id = picture.id;
        missing = 0;
        drawPicture(canvas, picture, marks);
      }
    } catch {
      // Why it does not answer is said by `followView`.
      id = 0;
      missing++;
      await pause(againMs);
    }
    note.hidden = missing < picturelessMax && id > 0;
    if (!note.hidden) setText(note, 'No picture from the camera');
    while (document.hidden) await pause(againMs);
  }
}

function show(now: View): void {
  const { place, access } = { place: `${now.site} · ${now.line}`, access: now.access };
  grades = now.release?.grades ?? [];
  const shown = [...now.rejects, ...now.others].map(({ grade }) => grade);
  marks = marksOf(grades, [...now.lot.grades.map(({ grade }) => grade), ...shown]);
  document.body.toggleAttribute(
    'data-long-names',
    grades.some((grade) => grade.length > cardCharsMax),
  );
  document.title = `${now.station} · Pomona`;
  byId('place').replaceChildren(now.station, make('small', {}, place));
  byId('signs').replaceChildren(...signsOf(now).map(([name, text, tone]) => sign(name, text, tone)));
  showPause(now);
  for (const id of ['pause', 'lot']) byId<HTMLButtonElement>(id).disabled = !access.hasPin;
  byId('lock').hidden = !access.isSignedIn;
  showCounts(now);
  showStrip('rejects', now.rejects, 'No reject yet.');
  showStrip('others', now.others, 'No fruit yet.');
}

function showPause(now: View): void {
  const { pausedForMs } = now;
  const isPaused = pausedForMs !== undefined;
  document.body.toggleAttribute('data-paused', isPaused);
  setText(byId('pause'), isPaused ? 'Resume grading' : 'Pause grading');
  if (reason !== undefined) notice('bad', reason.text);
  else {
    const all = noticesOf(now);
    const tone = all.some((each) => each.tone === 'bad') ? 'bad' : 'warn';
    const button = all.some(({ isLens }) => isLens) ? lensButton() : undefined;
    notice(tone, all.map(({ text }) => text).join('\n'), button);
  }
}

/** All that somebody at the line should know, the worst first: a pause hides none of it. */
function noticesOf({
  pausedForMs,
  isPauseKept,
  camera,
  beltFaults,
  gates,
  lens,
}: View): { tone: Tone; text: string; isLens?: true }[] {
  return [
    ...(camera.faults.length > 0
      ? [{ tone: 'bad' as const, text: `Look at the camera: ${camera.faults.join('; ')}.` }]
      : []),
    ...(beltFaults.length > 0
      ? [{ tone: 'bad' as const, text: `Look at the belt: ${beltFaults.join('; ')}.` }]
      : []),
    ...(gates?.isUp === false
      ? [
          {
            tone: 'bad' as const,
            text: `No outlet works, and fruit goes straight on: look at the device that switches them, and at its cable${gates.why === undefined ? '' : ` (${gates.why})`}.`,
          },
        ]
      : []),
    ...(pausedForMs === undefined
      ? []
      : [
          {
            tone: 'warn' as const,
            text: `Grading is paused for ${inWords(pausedForMs)}: all fruit goes to the default gate.`,
          },
        ]),
    ...(isPauseKept
      ? []
      : [
          {
            tone: 'warn' as const,
            text: `The station’s disk took no note of that: should it start again, grading ${pausedForMs === undefined ? 'is paused' : 'goes on'}. Free some space on it.`,
          },
        ]),
    ...(lens.state === 'warning'
      ? [
          {
            tone: 'warn' as const,
            text: `Look at the lens and the lamps: ${lens.detail}.`,
            isLens: true as const,
          },
        ]
      : []),
  ];
}

function lensButton(): HTMLElement {
  return make(
    'button',
    { type: 'button', onclick: () => void act(() => ask('line/lens', 'POST')) },
    'It is clean now',
  );
}

function notice(tone: Tone, text: string, button?: HTMLElement): void {
  const place = byId('notice');
  place.hidden = text === '';
  place.dataset.tone = tone;
  if (place.firstChild?.textContent === text && (button === undefined) === (place.children.length === 0))
    return;
  place.replaceChildren(document.createTextNode(text), ...(button ? [' ', button] : []));
}

function signsOf({
  camera,
  beltFaults,
  lens,
  gates,
  cloud,
  isDiskFull,
  release,
  update,
}: View): [string, string, Tone][] {
  const isSeeing = camera.state === 'running' && camera.framesPerSecond > 0;
  const waiting = cloud.waitingRecords > 0 ? `, ${cloud.waitingRecords} to send` : '';
  const isUpdating = !['idle', 'active'].includes(update);
  return [
    isSeeing && camera.faults.length > 0
      ? ['Camera', 'look at it', 'bad']
      : isSeeing
        ? ['Camera', `${Math.round(camera.framesPerSecond)} frames/s`, 'good']
        : ['Camera', camera.state === 'stopped' ? camera.detail.slice(0, 60) : 'no picture', 'bad'],
    ...(beltFaults.length > 0 ? [['Belt', 'look at it', 'bad'] as [string, string, Tone]] : []),
    lens.state === 'warning'
      ? ['Lens', 'look at it', 'warn']
      : ['Lens', lens.state === 'clean' ? 'clear' : 'learning', lens.state === 'clean' ? 'good' : 'calm'],
    ...(gates ? [gatesSign(gates)] : []),
    cloud.isUp
      ? ['Control plane', `connected${waiting}`, 'good']
      : ['Control plane', `away for ${inWords(cloud.forMs)}${waiting}`, 'warn'],
    release
      ? [
          'Release',
          `${release.name} v${release.version} ${release.variant}${isUpdating ? `, ${update}` : ''}`,
          'good',
        ]
      : ['Release', `none yet (${update})`, 'warn'],
    ...(isDiskFull
      ? [['Disk', 'full or read-only, records wait in memory', 'bad'] as [string, string, Tone]]
      : []),
  ];
}

function gatesSign({
  isUp,
  forMs,
  late,
  failed,
  unconfirmedInARow,
  withoutOutlet,
}: DeskGates): [string, string, Tone] {
  if (!isUp) return ['Outlets', `away for ${inWords(forMs)}`, 'bad'];
  const troubles = [
    ...(late > 0 ? [`${late} too late`] : []),
    ...(failed > 0 ? [`${failed} not taken`] : []),
    ...(withoutOutlet.length > 0 ? [`none for gates ${withoutOutlet.join(', ')}`] : []),
    ...(unconfirmedInARow > 1 ? [`${unconfirmedInARow} in a row not seen leaving`] : []),
  ];
  return troubles.length === 0 ? ['Outlets', 'answer', 'good'] : ['Outlets', troubles.join(', '), 'warn'];
}

function sign(name: string, text: string, tone: Tone): HTMLElement {
  const item = make('li', {}, make('b', {}, name), text);
  item.dataset.tone = tone;
  return item;
}

function showCounts({ lot, sinceStart, fruitsPerMinute }: View): void {
  setText(byId('rate'), String(fruitsPerMinute));
  const count = (tally: View['lot'], grade: string): number =>
    tally.grades.find((each) => each.grade === grade)?.count ?? 0;
  // Of a recipe before this one only what this lot still counts.
  const earlier = lot.grades.map(({ grade }) => grade).filter((grade) => !grades.includes(grade));
  const row = (head: Node | string, inLot: number, inAll: number): HTMLElement => {
    const share = lot.fruits === 0 ? '–' : `${((100 * inLot) / lot.fruits).toFixed(1)} %`;
    const cells = [String(inLot), share, String(inAll)].map((text) => make('td', {}, text));
    return make('tr', {}, make('th', { scope: 'row' }, head), ...cells);
  };
  const rowOf = (grade: string) => row(gradeMark(grade, marks), count(lot, grade), count(sinceStart, grade));
  const title = 'By the recipe before, in this lot:';
  byId('counts').replaceChildren(
    ...grades.map(rowOf),
    ...(earlier.length > 0 && grades.length > 0
      ? [make('tr', {}, make('td', { className: 'earlier', colSpan: 4 }, title))]
      : []),
    ...earlier.map(rowOf),
    ...(sinceStart.paused > 0 ? [row('paused', lot.paused, sinceStart.paused)] : []),
  );
  const { fruits, late, unseen, forMs } = lot;
  const missed = [
    ...(late > 0 ? [`${late} too late`] : []),
    ...(unseen > 0 ? [`${unseen} hardly seen`] : []),
  ];
  const words = [`${fruits} ${fruits === 1 ? 'fruit' : 'fruits'} in ${inWords(forMs)}`, ...missed].join(', ');
  setText(byId('counts-note'), `Lot: ${words}. Agent started ${inWords(sinceStart.forMs)} ago.`);
}

/** Cards that stay are left alone, so that a finger finds what it aimed at. */
function showStrip(id: string, fruits: readonly DeskFruit[], none: string): void {
  const list = byId(id);
  const cards = new Map([...list.children].map((card) => [(card as HTMLElement).dataset.key, card]));
  const next = fruits.map((fruit) => {
    const key = `${view?.boot} ${fruit.seq} ${fruit.corrected ?? ''} ${marks.get(fruit.grade)}`;
    return cards.get(key) ?? card(key, fruit);
  });
  if (next.length === 0) next.push(make('p', {}, none));
  if (next.some((each, i) => each !== list.children[i]) || next.length !== list.children.length)
    list.replaceChildren(...next);
}

function card(key: string, fruit: DeskFruit): HTMLElement {
  const { seq, reason, hasView, corrected } = fruit;
  const picture = hasView
    ? make('img', { src: `line/fruit/${seq}/view.png?${view?.boot}`, alt: '', width: 72, height: 72 })
    : make('span', { className: 'unseen' }, 'not seen');
  const why = make('span', { className: 'why' }, corrected === undefined ? reason : `in truth ${corrected}`);
  const button = make('button', { type: 'button' }, picture, fruitMark(fruit, marks), why);
  const { boot = '' } = view ?? {};
  button.addEventListener('click', () => openFruit(fruit, marks, boot, view?.access.hasPin === true));
  if (corrected !== undefined) button.dataset.corrected = corrected;
  const item = make('li', {}, button);
  item.dataset.key = key;
  return item;
}
