// Hashes of definition texts.
import { createHash } from 'node:crypto';

/** SHA-256, hex, of texts in order; where one ends and the next begins counts. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`);
  return hash.digest('hex');
}
