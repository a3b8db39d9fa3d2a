import { type CardChart, drawChart } from './card-chart.ts';
import { escaped } from './escaped.ts';

/** A small document that is written as HTML by itself or as Markdown. Every text is taken as it is and escaped. */
export type CardBlock =
  | { readonly kind: 'title' | 'heading' | 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      /** Drawn in HTML only; shares from 0 to 1. */
      readonly kind: 'curves';
      readonly charts: readonly CardChart[];
    }
  | {
      readonly kind: 'pictures';
      /** PNG in base64, beside each other. */
      readonly pictures: readonly { readonly pngs: readonly string[]; readonly caption: string }[];
    };

export const cardFormats = ['html', 'markdown'] as const;
export type CardFormat = (typeof cardFormats)[number];

export function renderCard(blocks: readonly CardBlock[], format: CardFormat): string {
  const shown = blocks.filter((block) => {
    // An empty table says nothing.
    if (block.kind === 'table') return block.rows.length > 0;
    return block.kind !== 'curves' || (format === 'html' && block.charts.length > 0);
  });
  return format === 'html' ? htmlOf(shown) : `${shown.map(markdownOf).join('\n\n')}\n`;
}

function markdownOf(block: CardBlock): string {
  switch (block.kind) {
    case 'title':
      return `# ${plain(block.text)}`;
    case 'heading':
      return `## ${plain(block.text)}`;
    case 'text':
      return plain(block.text);
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'facts':
      return markdownTable(['', ''], block.facts);
    case 'curves':
      return '';
    case 'pictures':
      return block.pictures.map(({ caption }) => `- ${plain(caption)}`).join('\n');
    default:
      return markdownTable(block.head, block.rows);
  }
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** No character of a fact becomes markup or ends a cell. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, '\\$&').replace(/\s+/g, ' ');
}

function htmlOf(blocks: readonly CardBlock[]): string {
  const title = blocks.find(({ kind }) => kind === 'title');
  const name = title?.kind === 'title' ? title.text : 'model';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(name)} · Pomona</title><style>
body{font:15px/1.5 system-ui,sans-serif;color:#1c211f;background:#f5f4f0;margin:0 auto;padding:24px;max-width:900px;overflow-wrap:anywhere}
h1{font-size:24px}h2{font-size:18px;margin:28px 0 8px}table{border-collapse:collapse;background:#fff;border:1px solid #deddd8;width:100%;margin:0 0 12px}
th,td{padding:4px 10px;text-align:left;font-size:14px;vertical-align:top;border-bottom:1px solid #eeede9}.facts th{width:11em;font-weight:600}
.pictures{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;background:#fff;border:1px solid #deddd8;padding:8px;max-width:320px}
figcaption{font-size:13px}
</style></head><body>${blocks.map(htmlBlock).join('\n')}</body></html>\n`;
}

function htmlBlock(block: CardBlock): string {
  switch (block.kind) {
    case 'title':
      return `<h1>${escaped(block.text)}</h1>`;
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    case 'facts': {
      const rows = block.facts.map(
        ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
      );
      return `<table class="facts">${rows.join('')}</table>`;
    }
    case 'curves':
      return `<div class="pictures">${block.charts.map(drawChart).join('')}</div>`;
    case 'pictures':
      return `<div class="pictures">${block.pictures.map(figureOf).join('')}</div>`;
    default: {
      const head = block.head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
      const rows = block.rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
      );
      return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
    }
  }
}

function figureOf({ pngs, caption }: { readonly pngs: readonly string[]; readonly caption: string }): string {
  const images = pngs.map(
    (png) => `<img alt="" width="160" height="160" src="data:image/png;base64,${escaped(png)}">`,
  );
  return `<figure>${images.join('')}<figcaption>${escaped(caption)}</figcaption></figure>`;
}
