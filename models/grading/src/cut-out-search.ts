import { paletteSize } from './cut-out-colours.ts';
import { angles, bestContour, castRays, radii } from './cut-out-contour.ts';
import type { SearchImage } from './cut-out-image.ts';
import { ellipseRadius, fitEllipse } from './fit-ellipse.ts';

export interface CutOut {
  /** The point that the rays start from, pixels of the picture. */
  readonly xPx: number;
  readonly yPx: number;
  /** Distance to the outline along `angles` rays, pixels; ray `i` points at 2 pi i / angles from +x towards +y. */
  readonly outlinePx: Float32Array;
  /** 0 to 1: how far to trust it. */
  readonly score: number;
}

const recomputations = 4;
const edgeWeight = 1;
const insideWeight = 4;
const oddsMax = 2.5;
/** The colour difference, in Lab with lightness halved, that is half an edge. */
const edgeHalf = 8;
/** A shadow differs in lightness alone, a fruit in colour too. */
const edgeLightness = 0.6;
/** The farthest radius as a share of the picture's larger side. */
const reach = 0.6;
/** An outline that is nearer to its centre than this share of the larger side is no fruit. */
const radiusMin = 0.07;

/** What is left of the score of an outline that runs along the picture's border, where the fruit may go on: 1 - this. */
const borderDoubt = 0.3;
/** The mean distance of an outline from its ellipse, as a share of the radius, that leaves nothing of the score. */
const misfitMax = 1 / 6;
/** Fruit that is flatter than this loses score. */
const flatnessMin = 0.75;

const cosines = Float64Array.from({ length: angles }, (_, i) => Math.cos((2 * Math.PI * i) / angles));
const sines = Float64Array.from({ length: angles }, (_, i) => Math.sin((2 * Math.PI * i) / angles));
const nowhere = 255;

/** Looks for outlines in one picture, from one starting circle after another. */
export class ContourSearch {
  readonly #image: SearchImage;
  readonly #colours: Uint8Array;
  readonly #stepPx: number;
  /** Of the current centre, [angles, radii]. */
  readonly #sampled = new Uint8Array(angles * radii);
  readonly #edges = new Float32Array(angles * radii);
  readonly #reward = new Float32Array(angles * radii);
  readonly #odds = new Float64Array(paletteSize);
  readonly #contour = new Uint8Array(angles);
  readonly #visited = new Set<string>();
  #overlap = 0;
  #x = 0;
  #y = 0;

  constructor(image: SearchImage, colours: Uint8Array) {
    this.#image = image;
    this.#colours = colours;
    this.#stepPx = (reach * Math.max(image.width, image.height)) / radii;
  }

  from(x: number, y: number, radiusPx: number): CutOut | undefined {
    this.#x = x;
    this.#y = y;
    this.#contour.fill(Math.round(radiusPx / this.#stepPx));
    this.#sample();
    for (let i = 0; i < recomputations; i++) {
      if (i === recomputations / 2 && this.#wasHere()) return undefined;
      this.#learnColours();
      this.#weigh();
      bestContour(this.#reward, this.#contour);
      this.#recentre();
      this.#sample();
    }
    return this.#judge();
  }

  /** Most starts meet on the way: the rest of it is then known. */
  #wasHere(): boolean {
    const mean = this.#contour.reduce((sum, k) => sum + k, 0) / angles;
    const key = [this.#x / 2, this.#y / 2, mean].map(Math.round).join();
    const known = this.#visited.has(key);
    this.#visited.add(key);
    return known;
  }

  /** Colours and edges along the rays of the current centre. */
  #sample(): void {
    const { width, height, lab, beyond } = this.#image;
    for (let a = 0; a < angles; a++) {
      let inner = 0;
      let middle = 0;
      for (let k = 0; k <= radii; k++) {
        const r = (k + 0.5) * this.#stepPx;
        const x = Math.floor(this.#x + r * cosines[a]!);
        const y = Math.floor(this.#y + r * sines[a]!);
        const isInside = x >= 0 && y >= 0 && x < width && y < height;
        const outer = isInside ? y * width + x : beyond;
        if (k < radii) this.#sampled[a * radii + k] = isInside ? this.#colours[outer]! : nowhere;
        if (k > 0) this.#edges[a * radii + k - 1] = edgeBetween(lab, inner * 3, outer * 3);
        inner = middle;
        middle = outer;
      }
      this.#edges[a * radii] = 0;
    }
  }

  /** Log-odds of fruit against background for each colour, from what is inside and outside of the contour. */
  #learnColours(): void {
    const inside = new Float64Array(paletteSize).fill(1);
    const outside = new Float64Array(paletteSize).fill(1);
    let insideTotal = paletteSize;
    let outsideTotal = paletteSize;
    for (let a = 0; a < angles; a++) {
      const limit = this.#contour[a]!;
      for (let k = 0; k < radii; k++) {
        const sampled = this.#sampled[a * radii + k]!;
        // A fruit that fills its picture leaves too little to learn the background from.
        const colour = sampled === nowhere ? this.#colours[this.#image.beyond]! : sampled;
        // A ring covers an area in proportion to its radius.
        const area = (k + 0.5) / radii;
        if (k <= limit) {
          inside[colour]! += area;
          insideTotal += area;
        } else {
          outside[colour]! += area;
          outsideTotal += area;
        }
      }
    }
    this.#overlap = 0;
    for (let c = 0; c < paletteSize; c++) {
      this.#overlap += Math.sqrt((inside[c]! * outside[c]!) / (insideTotal * outsideTotal));
      const odds = Math.log((inside[c]! * outsideTotal) / (outside[c]! * insideTotal));
      this.#odds[c] = Math.min(oddsMax, Math.max(-oddsMax, odds));
    }
  }

  #weigh(): void {
    const least = Math.ceil((radiusMin * Math.max(this.#image.width, this.#image.height)) / this.#stepPx);
    for (let a = 0; a < angles; a++) {
      let inside = 0;
      for (let k = 0; k < radii; k++) {
        const at = a * radii + k;
        const colour = this.#sampled[at]!;
        inside += colour === nowhere ? -oddsMax : this.#odds[colour]!;
        const allowed = k >= least && colour !== nowhere;
        this.#reward[at] = allowed
          ? edgeWeight * this.#edges[at]! + (insideWeight * inside) / radii
          : Number.NEGATIVE_INFINITY;
      }
    }
  }

  /** Moves the centre to the middle of the area inside the contour. */
  #recentre(): void {
    const [xs, ys] = this.#corners();
    let area = 0;
    let x = 0;
    let y = 0;
    for (let a = 0; a < angles; a++) {
      const b = (a + 1) % angles;
      const cross = (xs[a]! - this.#x) * (ys[b]! - this.#y) - (xs[b]! - this.#x) * (ys[a]! - this.#y);
      area += cross;
      x += cross * (xs[a]! + xs[b]! - 2 * this.#x);
      y += cross * (ys[a]! + ys[b]! - 2 * this.#y);
    }
    this.#x += x / (3 * area);
    this.#y += y / (3 * area);
    const cast = castRays(xs, ys, this.#x, this.#y, angles);
    for (let a = 0; a < angles; a++)
      this.#contour[a] = Math.min(radii - 1, Math.max(0, Math.round(cast[a]! / this.#stepPx - 1)));
  }

  #corners(): [Float64Array, Float64Array] {
    const at = (a: number) => (this.#contour[a]! + 1) * this.#stepPx;
    return [cosines.map((cos, a) => this.#x + at(a) * cos), sines.map((sin, a) => this.#y + at(a) * sin)];
  }

  #judge(): CutOut | undefined {
    this.#learnColours();
    const outlinePx = Float32Array.from(this.#contour, (k) => (k + 1) * this.#stepPx);
    const ellipse = fitEllipse(outlinePx);
    if (!ellipse) return undefined;
    const strengths = new Float32Array(angles);
    let misfit = 0;
    let border = 0;
    for (let a = 0; a < angles; a++) {
      const k = this.#contour[a]!;
      const at = a * radii + k;
      strengths[a] = this.#edges[at]!;
      if (k + 2 >= radii || this.#sampled[at + 2] === nowhere) border += 1 / angles;
      const radius = ellipseRadius(ellipse, cosines[a]!, sines[a]!);
      misfit += Math.min(1, Number.isFinite(radius) ? Math.abs(outlinePx[a]! / radius - 1) : 1) / angles;
    }
    strengths.sort();
    const mean = (n: number) => strengths.subarray(0, n).reduce((sum, e) => sum + e, 0) / n;
    // An outline that is wrong on one side has weak edges there, and strong ones elsewhere.
    const edge = (mean(angles) + mean(angles / 3)) / 2;
    const flatness = ellipse.semiMinor / ellipse.semiMajor;
    const score =
      Math.sqrt(Math.max(0, 1 - this.#overlap)) *
      edge *
      Math.max(0, 1 - misfit / misfitMax) *
      (1 - borderDoubt * border) *
      Math.min(1, flatness / flatnessMin);
    return { xPx: this.#x, yPx: this.#y, outlinePx, score };
  }
}

/** Colour difference in Lab, from 0 to 1: beyond a clear edge a clearer one is worth little more. */
function edgeBetween(lab: Float32Array, i: number, j: number): number {
  const dl = edgeLightness * (lab[i]! - lab[j]!);
  const da = lab[i + 1]! - lab[j + 1]!;
  const db = lab[i + 2]! - lab[j + 2]!;
  const distance = Math.sqrt(dl * dl + da * da + db * db);
  return distance / (distance + edgeHalf);
}
