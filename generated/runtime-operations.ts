// DO NOT EDIT. Made from openapi/runtime.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
export type ContractOperation = { readonly method: string; readonly path: string; readonly tags: readonly string[]; readonly security: readonly string[]; readonly isPublic: boolean };
export const operations = {
  authorize: {"method":"get","path":"/authz","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedDelete: {"method":"delete","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedGet: {"method":"get","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedHead: {"method":"head","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedOptions: {"method":"options","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedPatch: {"method":"patch","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedPost: {"method":"post","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  authorizeForwardedPut: {"method":"put","path":"/authz/{original_path}","tags":["Runtime"],"security":["consumerKey"],"isPublic":false},
  getHealth: {"method":"get","path":"/healthz","tags":["Runtime"],"security":[],"isPublic":true},
  getMetrics: {"method":"get","path":"/metrics","tags":["Runtime"],"security":[],"isPublic":true},
  getReadiness: {"method":"get","path":"/readyz","tags":["Runtime"],"security":[],"isPublic":true},
  getRuntimeKeySet: {"method":"get","path":"/.well-known/jwks.json","tags":["Runtime"],"security":[],"isPublic":true},
  getVersion: {"method":"get","path":"/version","tags":["Runtime"],"security":[],"isPublic":true},
} as const satisfies Record<string, ContractOperation>;
export type OperationId = keyof typeof operations;
