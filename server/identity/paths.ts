/** Below it the issuer answers; the issuer's identifier is the public URL with it. */
export const issuerPath = '/oidc';
/** What the Control Plane's API is called in tokens: their audience, and the `resource` that a client asks for (RFC 8707). */
export const apiPath = '/v1';
/** The scope by which a client acts for a person at the Control Plane's API, within the roles that he has. */
export const apiScope = 'stoa:api';

export const issuerOf = (publicUrl: string): string => new URL(issuerPath, publicUrl).href;
export const apiResourceOf = (publicUrl: string): string => new URL(apiPath, publicUrl).href;
export const joinPath = '/join';
export const joinAcceptPath = '/join/accept';
/** The Console's page of signing in. */
export const signInPath = '/sign-in';
/** Where signing in as a person begins. */
export const signInStartPath = '/sign-in/start';
/** Where the external issuer says that somebody signed out there. */
export const backchannelLogoutPath = '/sign-in/backchannel-logout';
/** The link of an invitation. Whoever only looks at it, such as a scanner of mail, spends nothing. */
export const joinUrl = (publicUrl: string, code: string): string => `${publicUrl}${joinPath}?code=${code}`;
