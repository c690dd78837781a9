// The contract's allow-list for markup, and the text that is left without any.
import { Parser } from 'htmlparser2';
import sanitizeHtml from 'sanitize-html';

/** Markup of more open tags at once than any page has; deep stacks make parsers slow. */
export class TooDeep extends Error {}

const MAX_DEPTH = 256;

const TAGS =
  'a b blockquote br caption cite code col colgroup dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q small span ' +
  'strike strong sub sup table tbody td tfoot th thead tr u ul';

const NAME = /^[a-z-]{1,30}$/i;
const COLOR = /^(?:#[0-9a-f]{3,8}|[a-z]{1,30}|(?:rgb|hsl)a?\([\d\s.,%/-]{1,60}\))$/i;

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: TAGS.split(' '),
  // what is not on the list goes, and its text stays; that of these goes too
  disallowedTagsMode: 'discard',
  nonTextTags: ['script', 'style', 'noscript', 'textarea', 'xmp'],
  allowedAttributes: {
    '*': ['class', 'style'],
    a: ['href', 'title'],
    blockquote: ['cite'],
    col: ['span', 'width'],
    colgroup: ['span', 'width'],
    img: ['align', 'alt', 'height', 'src', 'title', 'width'],
    ol: ['start', 'type'],
    q: ['cite'],
    table: ['summary', 'width'],
    td: ['abbr', 'axis', 'colspan', 'rowspan', 'width'],
    th: ['abbr', 'axis', 'colspan', 'rowspan', 'width', 'scope'],
    ul: ['type'],
  },
  allowedSchemes: ['ftp', 'http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['http', 'https'], blockquote: ['http', 'https'], q: ['http', 'https'] },
  allowedSchemesAppliedToAttributes: ['href', 'src', 'cite'],
  transformTags: {
    '*': (tagName, attribs) => ({ tagName, attribs: withAbsoluteLinks(attribs) }),
  },
  allowedStyles: {
    '*': {
      color: [COLOR],
      'background-color': [COLOR],
      'font-weight': [NAME, /^\d{1,4}$/],
      'font-style': [NAME],
      'text-decoration': [/^[a-z]{1,20}(?:-[a-z]{1,20})?(?: [a-z]{1,20}(?:-[a-z]{1,20})?){0,3}$/i],
      'text-align': [NAME],
    },
  },
};

const LINKS = ['href', 'src', 'cite'];

/** Links without a scheme would mean something else on every page that shows them. */
function withAbsoluteLinks(attribs: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  for (const name of LINKS) {
    if (attribs[name] !== undefined && !/^\s*[a-z]+:/i.test(attribs[name])) delete attribs[name];
  }
  return attribs;
}

/** Passes after which markup that still changes is given up and shown as it stands. */
const MAX_PASSES = 8;

/**
 * Markup with nothing in it but what spec field-types §4.3 allows. What is gone may let other tags close earlier, so it is
 * repeated until nothing changes: markup that is read and sent back stays as it is.
 * @throws TooDeep
 */
export function sanitize(html: string): string {
  let clean = sanitizeOnce(html);
  for (let pass = 1; pass < MAX_PASSES; pass++) {
    const again = sanitizeOnce(clean);
    if (again === clean) return clean;
    clean = again;
  }
  return plainTextOf(clean).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function sanitizeOnce(html: string): string {
  let depth = 0;
  return sanitizeHtml(html, {
    ...OPTIONS,
    onOpenTag: () => {
      if (++depth > MAX_DEPTH) throw new TooDeep();
    },
    onCloseTag: () => {
      depth--;
    },
  });
}

/** Tags in the middle of a word; all others part words. */
const INLINE = new Set('a b cite code em i q small span strike strong sub sup u'.split(' '));

/** Their content is no text. */
const SILENT = new Set(['script', 'style']);

/**
 * The text of some markup: entities decoded, white space of any length a single blank, none at the ends.
 * @throws TooDeep
 */
export function plainTextOf(html: string): string {
  const parts: string[] = [];
  let depth = 0;
  let silent = 0;
  const parser = new Parser({
    onopentagname: (name) => {
      if (++depth > MAX_DEPTH) throw new TooDeep();
      if (SILENT.has(name)) silent++;
      if (!INLINE.has(name)) parts.push(' ');
    },
    ontext: (text) => {
      if (silent === 0) parts.push(text);
    },
    onclosetag: (name) => {
      depth--;
      if (SILENT.has(name)) silent--;
      if (!INLINE.has(name)) parts.push(' ');
    },
  });
  parser.end(html);
  return parts.join('').replace(/\s+/g, ' ').trim();
}
