let addresses = 0;

/**
 * Another client's address, for `X-Forwarded-For`, which a test's Control Plane believes: refusals to an address that is refused again and again
 * are slow, and a test that has many would wait most of its time.
 */
export function newAddress(): string {
  addresses += 1;
  return `10.0.${addresses >> 8}.${addresses & 255}`;
}
