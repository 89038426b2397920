/** What the value of a header field may hold (RFC 9110 §5.5). */
export const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that frame a message or name its target: setting them would change which request is sent. */
export const framingFields: readonly string[] = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
];
