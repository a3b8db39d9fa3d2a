/** Curves of shares in a square, as SVG that needs nothing from elsewhere. */
import { escaped } from './escaped.ts';

export interface CardChart {
  readonly title: string;
  readonly across: string;
  readonly up: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const side = 240;
const margin = 34;
const colours = ['#0f7b6c', '#d99a00', '#b23a1e', '#5b5bd6', '#7a7a7a'];

export function drawChart({ title, across, up, lines }: CardChart): string {
  const x = (share: number): string => (margin + share * side).toFixed(1);
  const y = (share: number): string => (8 + (1 - share) * side).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${x(0)}" x2="${x(1)}" y1="${y(share)}" y2="${y(share)}" stroke="#eeede9"/><text x="${margin - 4}" y="${Number(y(share)) + 4}" text-anchor="end" font-size="11">${share * 100}</text><text x="${x(share)}" y="${side + 22}" text-anchor="middle" font-size="11">${share * 100}</text>`,
  );
  const paths = lines.map(
    ({ points }, l) =>
      `<polyline points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}" fill="none" stroke="${colourOf(l)}" stroke-width="2"/>`,
  );
  const names = lines.map(({ name }, l) => `<span style="color:${colourOf(l)}">■</span> ${escaped(name)}`);
  const caption = `<b>${escaped(title)}</b>: ${escaped(up)} over ${escaped(across)}, per cent<br>${names.join(' &nbsp; ')}`;
  return `<figure><svg role="img" aria-label="${escaped(title)}" width="${side + margin + 12}" height="${side + 28}">${grid.join('')}${paths.join('')}</svg><figcaption>${caption}</figcaption></figure>`;
}

function colourOf(line: number): string {
  return colours[line % colours.length]!;
}
