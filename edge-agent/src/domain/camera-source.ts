/** How a camera's program is started and what it writes; plain data, because it travels to the grading worker. */

export interface CameraSource {
  readonly command: string;
  readonly args: readonly string[];
  /** Where the frames come out. Default 1, standard output; a program that talks there writes them to 3. */
  readonly framesFd?: 1 | 3;
  /** Without it the program speaks the camera protocol (`FrameDecoder`). */
  readonly raw?: RawStream;
  /** Told when the program ends without having given a frame: what to look at, where it does not say so itself. */
  readonly hint?: string;
  /** Debian packages that bring the program. */
  readonly packages?: readonly string[];
}

/** Frames of a fixed size, one after the other with nothing between them. */
export interface RawStream {
  readonly pixels: RgbPixels | YuvPixels;
  readonly beltMmPerS: number;
  /** From the exposure to the frame's first byte. */
  readonly latencyMs: number;
}

/** Three bytes a pixel. */
export interface RgbPixels {
  readonly format: 'rgb24';
  /** From one row to the next. */
  readonly rowBytes: number;
  readonly rows: number;
}

/** A plane of luma, then planes of Cb and Cr with half the rows of half the length (I420). */
export interface YuvPixels {
  readonly format: 'yuv420';
  /** From one row of luma to the next, even. */
  readonly rowBytes: number;
  /** Of luma, even. */
  readonly rows: number;
  /** Until the program says otherwise. */
  readonly colours: YuvColours;
  /** What was asked of the program; it says on its standard error what it gives. */
  readonly askedWidthPx: number;
}

/** How luma and chroma were made of red, green and blue. */
export interface YuvColours {
  readonly matrix: 'bt601' | 'bt709';
  /** `limited`: luma 16 to 235, chroma 16 to 240. */
  readonly range: 'full' | 'limited';
}

export function frameBytes({ format, rowBytes, rows }: RgbPixels | YuvPixels): number {
  return format === 'rgb24' ? rowBytes * rows : (rowBytes * rows * 3) / 2;
}
