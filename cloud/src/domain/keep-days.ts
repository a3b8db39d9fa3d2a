/** How long fruits and what else comes in by the day are kept, until someone says otherwise. */
export const defaultKeepDays = 400;
