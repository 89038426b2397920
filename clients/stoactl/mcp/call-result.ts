import type { CallToolResult } from './mcp-session.ts';

/** What a tool answered, for people: its texts, and of what is no text what it is. */
export function textOf({ content, structuredContent }: CallToolResult): string {
  const parts = content.map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'image' || part.type === 'audio')
      return `[${part.type} ${part.mimeType}, ${part.data.length} characters of base64: -o json shows them]`;
    return JSON.stringify(part);
  });
  if (parts.length > 0) return parts.join('\n');
  return structuredContent === undefined ? '' : JSON.stringify(structuredContent);
}
