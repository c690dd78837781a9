// sys.utils.text and sys.utils.base64 (spec scripting-api §1.17).
import { badRequest } from '../exceptions.ts';
import { refusing } from '../unavailable.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Token = string | string[] | true;

/** `#name:v` → string, `#name:v1,v2` or repeated → list, `#name` → true. */
function findTokens(text: unknown): Record<string, Token> {
  const tokens: Record<string, Token> = {};
  for (const [, name = '', value] of String(text ?? '').matchAll(/#([\w-]+)(?::([^\s#]+))?/g)) {
    const present = tokens[name];
    const list = [...(Array.isArray(present) ? present : typeof present === 'string' ? [present] : [])];
    list.push(...(value?.split(',') ?? []));
    tokens[name] = list.length === 0 ? true : list.length === 1 ? (list[0] ?? '') : list;
  }
  return tokens;
}

function htmlToText(html: unknown): string {
  return String(html ?? '')
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<br\s*\/?>|<\/(?:p|div|li|tr|h[1-6])\s*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
      if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
      const point = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .trim();
}

function textToHtml(text: unknown): string {
  return String(text ?? '')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
    .replace(/\r\n|\r|\n/g, '<br>');
}

export const text = {
  findTokens,
  htmlToText,
  textToHtml,
  markdownToHtml: refusing('sys.utils.text.markdownToHtml'),
  htmlToMarkdown: refusing('sys.utils.text.htmlToMarkdown'),
  processTemplate: refusing('sys.utils.text.processTemplate'),
  recordToString: refusing('sys.utils.text.recordToString'),
};

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bytes of a text in UTF-8, as characters 0 to 255. */
function toBytes(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function encode(value: unknown): string {
  const bytes = toBytes(String(value ?? ''));
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1), bytes.charCodeAt(at + 2)];
    encoded += DIGITS.charAt(a >> 2) + DIGITS.charAt(((a & 3) << 4) | ((b || 0) >> 4));
    encoded += Number.isNaN(b) ? '=' : DIGITS.charAt(((b & 15) << 2) | ((c || 0) >> 6));
    encoded += Number.isNaN(c) ? '=' : DIGITS.charAt(c & 63);
  }
  return encoded;
}

function decode(value: unknown): string {
  const digits = String(value ?? '')
    .replace(/[\s=]/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  let bits = 0;
  let held = 0;
  let escaped = '';
  for (const digit of digits) {
    const six = DIGITS.indexOf(digit);
    if (six < 0) throw badRequest('Not valid base64');
    bits = ((bits << 6) | six) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    escaped += `%${((bits >> held) & 0xff).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw badRequest('The decoded bytes are no text in UTF-8');
  }
}

export const base64 = { encode, decode };
