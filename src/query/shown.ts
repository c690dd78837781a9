// Text of a client inside a message.

/** The text itself, or its beginning when it is long. */
export function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
