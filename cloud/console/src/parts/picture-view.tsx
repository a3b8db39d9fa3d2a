import { useEffect, useRef, useState } from 'react';
import styles from './picture-view.module.css';

interface PictureViewProps {
  readonly picture: Blob;
  /** Drawn over it: corners as shares of width and height. */
  readonly outline?: readonly (readonly [number, number])[] | undefined;
  /** For those who do not see it. */
  readonly of: string;
}

/** Larger pictures are shrunk before they are drawn, pixels. */
const sideMax = 900;

/** A picture on a canvas: pages of the console may show no images from elsewhere, not even from memory. */
export function PictureView({ picture, outline, of }: PictureViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [unreadable, setUnreadable] = useState(false);
  useEffect(() => {
    let stale = false;
    createImageBitmap(picture).then(
      (bitmap) => {
        if (!stale && canvas.current) draw(canvas.current, bitmap, outline);
        if (!stale) setUnreadable(false);
        bitmap.close();
      },
      // A TIFF, for instance, that the control plane reads and the browser does not.
      () => stale || setUnreadable(true),
    );
    return () => {
      stale = true;
    };
  }, [picture, outline]);
  return (
    <>
      {unreadable && <p className={styles.soft}>This browser cannot show the file.</p>}
      <canvas ref={canvas} className={styles.picture} hidden={unreadable} role="img" aria-label={of} />
    </>
  );
}

function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, outline: PictureViewProps['outline']): void {
  const scale = Math.min(1, sideMax / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  if (outline === undefined || outline.length === 0) return;
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(x * canvas.width, y * canvas.height);
  context.closePath();
  // Two strokes, so that it stands out on light and on dark.
  for (const [width, colour] of [
    [6, 'rgb(0 0 0 / 55%)'],
    [3, '#fff'],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}
