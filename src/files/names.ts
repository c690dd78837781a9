// Names and content types as clients send them, made harmless (spec auth-jobs-logs-files §6.1).

/** What file systems take. */
const LONGEST_NAME = 255;
const LONGEST_EXTENSION = 20;
const LONGEST_TYPE = 255;

const FALLBACK_NAME = 'file';
const FALLBACK_TYPE = 'application/octet-stream';

/** Control characters, line separators, and the marks that turn the direction of text: they make `exe.gpj` look like a picture. */
const HARMFUL = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** The base name of what was sent, without characters that deceive; never empty, never a path. */
export function cleanName(sent: string): string {
  const base = sent.toWellFormed().replace(HARMFUL, '').split(/[/\\]/).at(-1)?.trim() ?? '';
  return base === '' || base === '.' || base === '..' ? FALLBACK_NAME : shorten(base);
}

/** Long names lose characters in the middle, so that the extension stays. */
function shorten(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= LONGEST_EXTENSION ? name.slice(dot) : '';
  // a pair of surrogates may be cut in two
  return (
    name
      .slice(0, LONGEST_NAME - extension.length)
      .toWellFormed()
      .replace(/\uFFFD$/u, '') + extension
  );
}

/** A content type as it may stand in a header; the general one for what is none. */
export function cleanType(sent: string | undefined): string {
  const type = sent?.trim() ?? '';
  const isType = /^[\w.+!#$&^-]+\/[\w.+!#$&^-]+([ \t]*;[\t\x20-\x7e]*)?$/.test(type);
  return isType && type.length <= LONGEST_TYPE ? type : FALLBACK_TYPE;
}
