import { type Static, Type } from '@pomona/schema';

/**
 * What is done to a crop's colours before a model sees it, beside masking, cropping and resizing. Of a dataset version, and of every
 * model that learnt from it; where it is absent colours stay as the camera gave them. Each way has a name: one that is done otherwise gets another.
 */
export const Standardise = Type.Object(
  {
    /** What surrounds the fruit is taken for grey, in the median, and the light's colour that it shows is taken out. */
    whiteBalance: Type.Optional(Type.Literal('grey-surroundings')),
    /** The fruit's luma is equalised, its contrast raised no more than twice. */
    contrast: Type.Optional(Type.Literal('equalised')),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type Standardise = Static<typeof Standardise>;

/** What an agent must know of it. A manifest asks for it as for a runtime, which agents of before refuse by its name. */
export const standardiseVersion = 1;

/** Undefined where nothing is asked for. */
export function standardiseOf(asked: {
  readonly whiteBalance?: boolean | undefined;
  readonly equalise?: boolean | undefined;
}): Standardise | undefined {
  if (!asked.whiteBalance && !asked.equalise) return undefined;
  return {
    ...(asked.whiteBalance ? { whiteBalance: 'grey-surroundings' as const } : {}),
    ...(asked.equalise ? { contrast: 'equalised' as const } : {}),
  };
}

/** In words, the same for the same setting; 'as the camera gives them' for none. */
export function describeStandardise(setting: Standardise | undefined): string {
  const said = [
    ...(setting?.whiteBalance === undefined ? [] : ['white balance by grey surroundings']),
    ...(setting?.contrast === undefined ? [] : ['contrast equalised']),
  ];
  return said.length === 0 ? 'as the camera gives them' : said.join(', ');
}
