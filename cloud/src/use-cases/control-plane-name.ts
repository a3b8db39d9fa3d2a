/** The common name of the control plane's own client certificate. No station can have it. */
export const controlPlaneName = 'control-plane';
