/** What the demo trains and ships where nobody says otherwise: from the orchard alone. */
export const demoChampion = { network: 'sequential', trainingFruits: 2_000, seed: 1 } as const;
