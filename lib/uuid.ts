const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is a UUID as PostgreSQL writes it (RFC 9562 §4), in small letters: anything else would make a statement fail that asks by it. */
export const isUuid = (text: string): boolean => uuid.test(text);
