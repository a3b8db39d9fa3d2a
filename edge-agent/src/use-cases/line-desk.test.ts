import { describe, expect, it } from 'vitest';
import { shownFruit, standInDesk } from '../testing/stand-in-desk.ts';
import { settle } from '../testing/virtual-time.ts';

const lineFigures = {
  ...{ framesPerSecond: 20, droppedFrames: 0, frameForMs: 0, fruits: 0, missedDeadlines: 0, lostRecords: 0 },
  ...{ latencyMs: { p50: 2, p99: 9 }, release: undefined, recent: undefined },
};

describe('the desk at the line', () => {
  it('shows how the station is', async () => {
    const { desk, time, state, decide } = standInDesk();
    desk.hear({ kind: 'camera', state: 'stopped', detail: 'no frame for 3000 ms' });
    await time.advance(4_000);
    expect(desk.view()).toMatchObject({
      ...{ station: 'valley-1-a', pausedForMs: undefined, fruitsPerMinute: 0, rejects: [], others: [] },
      camera: { state: 'stopped', detail: 'no frame for 3000 ms' },
      lens: { state: 'learning' },
      cloud: { isUp: false, forMs: 4_000, waitingRecords: 5 },
      release: { name: 'apples', version: 3 },
    });
    const camera = { faults: ['black' as const], luma: 0, sharpness: null, shiftPx: null };
    desk.hear({ kind: 'figures', figures: { ...lineFigures, camera } });
    expect(desk.view().camera.faults).toEqual([expect.stringContaining('it sees nothing')]);
    const silent = { ...camera, faults: ['silent' as const], why: 'rpicam-vid is not installed' };
    desk.hear({ kind: 'figures', figures: { ...lineFigures, camera: silent } });
    expect(desk.view().camera.faults).toEqual([
      expect.stringMatching(/^no frames come: .* \(rpicam-vid is not installed\)$/),
    ]);
    const gates = { fired: 0, merged: 0, late: 0, failed: 0 };
    const refused = { ...gates, connected: false, why: 'it refuses coil 77' };
    desk.hear({ kind: 'figures', figures: { ...lineFigures, gates: refused } });
    expect(desk.view().gates).toMatchObject({ isUp: false, why: 'it refuses coil 77' });
    desk.hear({ kind: 'figures', figures: { ...lineFigures, gates: { ...gates, connected: true } } });
    desk.hear({ kind: 'figures', figures: { ...lineFigures, gates: { ...gates, connected: false } } });
    expect(desk.view().gates).toMatchObject({ isUp: false, why: undefined });
    expect(desk.view().beltFaults).toEqual([]);
    desk.hear({
      kind: 'figures',
      figures: { ...lineFigures, camera: { ...camera, faults: ['no-encoder'] } },
    });
    expect(desk.view().camera.faults).toEqual([]);
    expect(desk.view().beltFaults).toEqual([expect.stringContaining('the encoder cannot be read')]);
    state.isLinkUp = true;
    desk.view();
    decide(shownFruit(1));
    await time.advance(1_000);
    decide(shownFruit(2, { grade: 'good', isReject: false }));
    decide(shownFruit(3, { view: undefined }));
    const { cloud, rejects, others, lot } = desk.view();
    expect(cloud).toMatchObject({ isUp: true, forMs: 1_000 });
    expect(rejects).toMatchObject([
      { seq: 3, hasView: false },
      { seq: 1, hasView: true, reason: 'looks bad (80 %)' },
    ]);
    expect(rejects[0]).not.toHaveProperty('view');
    expect(others).toMatchObject([{ seq: 2, grade: 'good' }]);
    expect(lot).toMatchObject({ fruits: 3, grades: expect.arrayContaining([{ grade: 'bad', count: 2 }]) });
    desk.beginLot();
    expect(desk.view()).toMatchObject({ lot: { fruits: 0 }, sinceStart: { fruits: 3 } });
    // Views of a worker that is gone are gone.
    desk.hear({ kind: 'ready' });
    expect(desk.view()).toMatchObject({ rejects: [], others: [], sinceStart: { fruits: 3 } });
  });

  it('knows since when the control plane is away also while nobody looks', async () => {
    const { desk, time, state } = standInDesk();
    const second = async (isLinkUp: boolean) => {
      state.isLinkUp = isLinkUp;
      desk.hear({ kind: 'figures', figures: lineFigures });
      await time.advance(1_000);
    };
    for (let i = 0; i < 60; i++) await second(true);
    for (let i = 0; i < 30; i++) await second(false);
    expect(desk.view().cloud).toMatchObject({ isUp: false, forMs: 30_000 });
  });

  it('remembers a pause before it tells the line, and after the agent was started again', async () => {
    const { desk, time, told, remembered } = standInDesk();
    await desk.pause(true);
    await desk.pause(true);
    await time.advance(2_000);
    expect(desk.view().pausedForMs).toBe(2_000);
    time.setWall(Date.parse('2020-01-01T00:00:00.000Z'));
    expect(desk.view().pausedForMs).toBe(2_000);
    expect(told).toEqual(['pause', 'grading is paused: fruit goes to the default gate']);
    const [memory] = remembered;
    expect(memory).toEqual({ pausedSince: '2026-01-01T00:00:00.000Z' });
    expect(desk.pausedSince).toBe(memory!.pausedSince);
    const next = standInDesk(memory);
    expect([next.told, next.desk.view().pausedForMs]).toEqual([['pause'], 0]);
    await next.desk.pause(false);
    expect([next.told, next.remembered]).toEqual([['pause', 'resume', 'grading goes on'], [{}]]);
  });

  it('pauses and goes on also when the disk is full, says so, and writes it down when there is room', async () => {
    const { desk, time, told, remembered, state } = standInDesk();
    state.isDiskFull = true;
    await desk.pause(true);
    expect(told).toEqual(['desk-memory', 'pause', 'grading is paused: fruit goes to the default gate']);
    expect(desk.view()).toMatchObject({ pausedForMs: 0, isPauseKept: false });
    state.isDiskFull = false;
    desk.hear({ kind: 'figures', figures: lineFigures });
    await time.advance(11_000);
    expect(remembered).toEqual([]);
    desk.hear({ kind: 'figures', figures: lineFigures });
    await settle();
    expect(remembered).toEqual([{ pausedSince: '2026-01-01T00:00:00.000Z' }]);
    expect(desk.view().isPauseKept).toBe(true);
    state.isDiskFull = true;
    await desk.pause(false);
    expect(told.slice(3)).toEqual(['desk-memory', 'resume', 'grading goes on']);
    expect(desk.view()).toMatchObject({ pausedForMs: undefined, isPauseKept: false });
  });

  it('gives a fruit the grade that the operator says, also when it has left the lists', async () => {
    const { desk, asked, decide, told } = standInDesk();
    decide(shownFruit(1));
    expect((await desk.views(1))?.crops).toHaveLength(2);
    for (let seq = 20; seq < 60; seq++) decide(shownFruit(seq));
    expect(desk.view().rejects.map(({ seq }) => seq)).toEqual([59, 58, 57, 56, 55, 54, 53, 52]);
    await desk.correct(1, 'ok');
    await desk.correct(59, 'good');
    expect(asked.at(-2)).toEqual({
      ...{ kind: 'correct', seq: 1 },
      label: { grade: 'ok', source: 'line-operator' },
    });
    expect(desk.view().rejects[0]).toMatchObject({ seq: 59, grade: 'bad', corrected: 'good' });
    expect(told).toContain('a grade was corrected');
  });

  it('says why a correction is not kept', async () => {
    const { desk, time, state, decide } = standInDesk();
    decide(shownFruit(13));
    decide(shownFruit(14));
    await expect(desk.correct(99, 'ok')).rejects.toMatchObject({ code: 'fruit-gone' });
    // Shown by an agent that was started again since: its 14 was another fruit.
    await expect(desk.correct(14, 'ok', '01')).rejects.toMatchObject({ code: 'fruit-gone' });
    await expect(desk.correct(13, 'rotten')).rejects.toMatchObject({ code: 'grade-unknown' });
    await expect(desk.correct(13, 'ok')).rejects.toThrow('no disk');
    state.answers = false;
    const late = desk.correct(14, 'ok');
    const views = desk.views(14);
    await Promise.all([expect(late).rejects.toThrow('does not answer'), time.advance(3_000)]);
    expect(await views).toBeUndefined();
    expect(desk.view().rejects.map(({ corrected }) => corrected)).toEqual([undefined, undefined]);
    expect(await desk.views(99)).toBeUndefined();
    expect(desk.smallView(99)).toBeUndefined();
  });

  it('gives the answer to everybody who asks for the same views, and takes one correction of a fruit at a time', async () => {
    const { desk, state, asked, decide } = standInDesk();
    decide(shownFruit(1));
    state.answers = false;
    const both = [desk.views(1), desk.views(1)];
    const first = desk.correct(1, 'ok');
    await expect(desk.correct(1, 'good')).rejects.toMatchObject({ code: 'correction-open' });
    expect(asked.map(({ kind }) => kind)).toEqual(['views', 'correct']);
    desk.hear({ kind: 'views', seq: 1, size: 4, crops: [new Uint8Array(48)] });
    desk.hear({ kind: 'corrected', seq: 1 });
    const [views, again] = await Promise.all(both);
    await first;
    expect(views?.crops).toHaveLength(1);
    expect(again).toBe(views);
    expect(desk.view().rejects[0]).toMatchObject({ seq: 1, corrected: 'ok' });
    state.answers = true;
    await desk.correct(1, 'good');
    expect(desk.view().rejects[0]).toMatchObject({ corrected: 'good' });
  });

  it('remembers what a clean lens looks like, and learns it anew when somebody says that it is clean', async () => {
    const { desk, remembered, state, told, decide } = standInDesk();
    for (let seq = 0; seq < 60; seq++) decide(shownFruit(seq));
    expect(desk.view().lens.state).toBe('clean');
    await settle();
    expect(remembered.at(-1)?.lens?.luma).toBeCloseTo(40);
    await desk.lensIsClean();
    expect([desk.view().lens.state, remembered.at(-1)]).toEqual(['learning', {}]);
    state.isDiskFull = true;
    for (let seq = 0; seq < 60; seq++) decide(shownFruit(seq));
    await settle();
    expect(told).toContain('desk-memory');
  });

  it('makes one change after the other, whichever is the quicker on disk', async () => {
    const { desk, time, told, remembered, state, decide } = standInDesk();
    for (let seq = 0; seq < 59; seq++) decide(shownFruit(seq));
    state.writeMs = 100;
    const paused = desk.pause(true);
    await settle();
    // Not yet: it would not outlive a restart.
    expect(desk.pausedSince).toBeUndefined();
    state.writeMs = 10;
    decide(shownFruit(59));
    const changes = [paused, desk.pause(false), desk.pause(true), desk.lensIsClean()];
    await time.advance(1_000);
    await Promise.all(changes);
    const first = { pausedSince: '2026-01-01T00:00:00.000Z' };
    const second = { pausedSince: '2026-01-01T00:00:00.120Z' };
    const lens = expect.objectContaining({ luma: expect.closeTo(40) });
    expect(remembered).toEqual([first, { ...first, lens }, { lens }, { ...second, lens }, second]);
    expect(told.filter((what) => ['pause', 'resume'].includes(what))).toEqual(['pause', 'resume', 'pause']);
    expect(desk.pausedSince).toBe(second.pausedSince);
  });

  it('learns the lens anew though the disk is full, and takes nothing else for unwritten', async () => {
    const { desk, state, told, decide } = standInDesk();
    for (let seq = 0; seq < 60; seq++) decide(shownFruit(seq));
    await settle();
    state.isDiskFull = true;
    await desk.lensIsClean();
    expect(desk.view()).toMatchObject({ lens: { state: 'learning' }, isPauseKept: true });
    expect(told).toEqual(['desk-memory', 'the lens was cleaned']);
  });
});
