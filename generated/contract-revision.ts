// DO NOT EDIT. Made from openapi/control-plane.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
/** The revision of the contract that this code was made from. */
export const contractRevision = 1;
