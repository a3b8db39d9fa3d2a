/** The live picture with the fruit that is followed drawn over it. */
import type { FruitOnPicture } from '../src/domain/line-messages.js';
import { type GradeMarks, gradeLook, noGrade, pausedLook } from './grade-look.ts';

interface PictureHeader {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly fruit: readonly FruitOnPicture[];
}

export interface LivePicture extends PictureHeader {
  /** Three bytes a pixel, RGB. */
  readonly pixels: Uint8Array;
}

/** As the station writes it: length of the header, header, pixels. */
export function readPicture(buffer: ArrayBuffer): LivePicture {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as PictureHeader;
  return { ...header, pixels: new Uint8Array(buffer, 4 + length) };
}

/** Drawn larger than the picture is, so that letters are sharp. */
const scale = 3;

export function drawPicture(canvas: HTMLCanvasElement, picture: LivePicture, marks: GradeMarks): void {
  const { width, height, pixels, fruit } = picture;
  const context = canvas.getContext('2d');
  if (context === null) return;
  if (canvas.width !== width * scale) canvas.width = width * scale;
  if (canvas.height !== height * scale) canvas.height = height * scale;
  context.drawImage(asCanvas(pixels, width, height), 0, 0, canvas.width, canvas.height);
  context.lineWidth = 5;
  context.font = '600 26px system-ui, sans-serif';
  context.textAlign = 'center';
  for (const each of fruit) drawFruit(context, each, marks);
  const seen = fruit.filter(({ grade }) => grade !== undefined).length;
  canvas.setAttribute('aria-label', `The line with ${seen} ${seen === 1 ? 'fruit' : 'fruits'} in view`);
}

/** A dashed ring: what it looks like so far; a whole one: decided. While grading is paused it looks like no grade, and is none. */
function drawFruit(
  context: CanvasRenderingContext2D,
  { xPx, yPx, radiusPx, isDecided, isPaused, grade }: FruitOnPicture,
  marks: GradeMarks,
): void {
  const name = isPaused ? 'paused' : grade;
  const look = isPaused ? pausedLook : grade === undefined ? noGrade : gradeLook(grade, marks);
  const { colour, shape } = look;
  context.strokeStyle = colour;
  context.setLineDash(isDecided && !isPaused ? [] : [14, 9]);
  context.beginPath();
  context.arc(xPx * scale, yPx * scale, radiusPx * scale + 4, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
  if (name === undefined) return;
  const named = `${shape} ${name}`;
  // The shape says it alone where the name is longer than the fruit, and would lie over its neighbours.
  const text = context.measureText(named).width > 2.4 * radiusPx * scale ? shape : named;
  const half = context.measureText(text).width / 2 + 4;
  // A long name stays in the picture where its fruit leaves it.
  const x = Math.max(half, Math.min(context.canvas.width - half, xPx * scale));
  const y = yPx * scale + 9;
  context.lineWidth = 6;
  context.strokeStyle = '#000';
  context.strokeText(text, x, y);
  context.lineWidth = 5;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

let small: HTMLCanvasElement | undefined;

function asCanvas(pixels: Uint8Array, width: number, height: number): HTMLCanvasElement {
  small ??= document.createElement('canvas');
  small.width = width;
  small.height = height;
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; to < image.data.length; from += 3, to += 4) {
    image.data[to] = pixels[from] ?? 0;
    image.data[to + 1] = pixels[from + 1] ?? 0;
    image.data[to + 2] = pixels[from + 2] ?? 0;
    image.data[to + 3] = 255;
  }
  small.getContext('2d')?.putImageData(image, 0, 0);
  return small;
}
