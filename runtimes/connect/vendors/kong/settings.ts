/** What only a Kong needs to be told. */
export const kongSettings = {};
