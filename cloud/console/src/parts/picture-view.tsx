import type { Explanation, Prediction } from '@pomona/wire';
import { useEffect, useRef, useState } from 'react';
import { evidenceTint } from '../domain/evidence-tint.ts';
import styles from './picture-view.module.css';

interface PictureViewProps {
  readonly picture: Blob;
  /** Drawn over it: corners as shares of width and height. */
  readonly outline?: Outline | undefined;
  /** What spoke for this label, drawn over it as well. */
  readonly explained?: Explained | undefined;
  /** For those who do not see it. */
  readonly of: string;
}

type Outline = readonly (readonly [number, number])[];

export interface Explained {
  readonly explanation: Explanation;
  readonly label: string;
  /** Where in the picture the crop is that was explained; all of it unless named. */
  readonly place?: Prediction['seen']['cropPlace'];
}

/** Larger pictures are shrunk before they are drawn, pixels. */
const sideMax = 900;

/** A picture on a canvas: pages of the console may show no images from elsewhere, not even from memory. */
export function PictureView({ picture, outline, explained, of }: PictureViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [unreadable, setUnreadable] = useState(false);
  useEffect(() => {
    let stale = false;
    createImageBitmap(picture).then(
      (bitmap) => {
        if (!stale && canvas.current) draw(canvas.current, bitmap, outline, explained);
        if (!stale) setUnreadable(false);
        bitmap.close();
      },
      // A TIFF, for instance, that the control plane reads and the browser does not.
      () => stale || setUnreadable(true),
    );
    return () => {
      stale = true;
    };
  }, [picture, outline, explained]);
  return (
    <>
      {unreadable && <p className={styles.soft}>This browser cannot show the file.</p>}
      <canvas ref={canvas} className={styles.picture} hidden={unreadable} role="img" aria-label={of} />
    </>
  );
}

/** For a `PictureView`. */
export function pngOf(base64: string): Blob {
  const text = atob(base64);
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type: 'image/png' });
}

function draw(
  canvas: HTMLCanvasElement,
  bitmap: ImageBitmap,
  outline: Outline | undefined,
  explained: Explained | undefined,
): void {
  const scale = Math.min(1, sideMax / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const path = outline === undefined || outline.length === 0 ? undefined : pathOf(outline, canvas);
  if (explained !== undefined) drawEvidence(context, explained, path);
  if (path === undefined) return;
  // Two strokes, so that it stands out on light and on dark.
  for (const [width, colour] of [
    [6, 'rgb(0 0 0 / 55%)'],
    [3, '#fff'],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke(path);
  }
}

function pathOf(outline: Outline, { width, height }: HTMLCanvasElement): Path2D {
  const path = new Path2D();
  for (const [x, y] of outline) path.lineTo(x * width, y * height);
  path.closePath();
  return path;
}

/** One pixel for each cell, drawn large: the browser smooths between them. */
function drawEvidence(
  context: CanvasRenderingContext2D,
  { explanation, label, place = { left: 0, top: 0, width: 1, height: 1 } }: Explained,
  within: Path2D | undefined,
): void {
  const tint = evidenceTint(explanation, label);
  const cells = document.createElement('canvas');
  cells.width = explanation.columns;
  cells.height = explanation.rows;
  if (tint.length !== cells.width * cells.height * 4) return;
  cells.getContext('2d')?.putImageData(new ImageData(tint, cells.width, cells.height), 0, 0);
  const { width, height } = context.canvas;
  context.save();
  if (within !== undefined) context.clip(within);
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    cells,
    place.left * width,
    place.top * height,
    place.width * width,
    place.height * height,
  );
  context.restore();
}
