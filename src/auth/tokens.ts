// Session tokens: 32 letters and digits from the system's random source; only their SHA-256 is ever stored.
import { hash, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 32;
/** The largest multiple of 62 below 256: bytes from here on would favour the first letters. */
const FAIR = 248;

/** A new token of 190 bits (spec auth-jobs-logs-files §4.1). */
export function createToken(): string {
  return randomText(TOKEN_LENGTH);
}

/** Random letters and digits, each as likely as the other. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(2 * (length - text.length))) {
      if (byte < FAIR && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

/** False for what can't be a token, so that it needs no look into the database. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9]{32}$/.test(text);
}

/** What is stored in place of a token: 32 bytes. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
