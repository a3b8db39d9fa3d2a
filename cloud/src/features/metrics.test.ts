import { expect, it } from 'vitest';
import { eventually, startTestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades } from '../testing/test-station.ts';

it('tells Prometheus what every station graded, and nobody without a token', async () => {
  const { plane, remove } = await startTestControlPlane();
  try {
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    await station.send('grades', testGrades([1, 2, 3]));
    await eventually(async () => (await plane.overview()).fruits === 3);
    const url = new URL('/metrics', plane.urls.console);
    expect((await fetch(url)).status).toBe(401);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${plane.localToken}` } });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    const fruits = [
      ...text.matchAll(/^pomona_station_fruits_total\{.*station="left",grade="\w+"\} (\d+)$/gm),
    ];
    expect(fruits.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3);
    expect(text).toMatch(/^# TYPE pomona_control_plane_process_resident_memory_bytes gauge$/m);
    expect(text).toMatch(/^pomona_station_online\{site="\w+",line="[\w-]+",station="left"\} [01]$/m);
    await station.end();
  } finally {
    await remove();
  }
});
