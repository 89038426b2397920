import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

const periodS = 30;

/** Six digits, SHA-1, every 30 s: what every authenticator app knows (RFC 6238). */
const totpOf = (base32: string, label = '') => new TOTP({ issuer: 'STOA', label, secret: Secret.fromBase32(base32), period: periodS, digits: 6 });

/** A new secret of 160 bits, in base32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** The `otpauth:` URI that an authenticator app reads as a QR code. */
export const totpUri = (base32: string, label: string): string => totpOf(base32, label).toString();

/** That URI as the source of an image. */
export const qrOf = (base32: string, label: string): string =>
  `data:image/svg+xml,${encodeURIComponent(renderSVG(totpUri(base32, label), { border: 2 }))}`;

/**
 * The time step of a code, which may be one step early or late; undefined for a wrong one. Whoever takes a code keeps its step and takes no code of that or
 * an earlier step again (RFC 6238 §5.2).
 */
export function totpStep(base32: string, code: string, nowMs: number = Date.now()): number | undefined {
  const delta = /^\d{6}$/.test(code) ? totpOf(base32).validate({ token: code, timestamp: nowMs, window: 1 }) : null;
  return delta === null ? undefined : Math.floor(nowMs / 1000 / periodS) + delta;
}

/** The code of a moment: what an authenticator app shows. */
export const totpCode = (base32: string, nowMs: number = Date.now()): string => totpOf(base32).generate({ timestamp: nowMs });
