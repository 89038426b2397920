/** Every replica reads the keys of a tenant again when it hears this. The payload is the tenant, or empty for what belongs to none. */
export const keysChannel = 'stoa_keys';
