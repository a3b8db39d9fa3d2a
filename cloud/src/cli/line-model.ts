import { lineCropSize } from './draw-dataset.ts';

/** What the benches of drawn lines learn where nobody says otherwise: a model of the default network that takes four minutes on two cores. */
export const lineModel = { network: 'compact', fruits: 12_000, size: lineCropSize, epochs: 8 } as const;
