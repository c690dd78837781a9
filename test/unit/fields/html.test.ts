// Sanitized markup stays harmless in a browser's eyes (parse5 builds the tree that the HTML standard asks for).
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';
import { describe, expect, test } from 'vitest';
import { html, type StoredHtml } from '../../../src/fields/html.ts';
import { plainTextOf, sanitize } from '../../../src/fields/html-markup.ts';
import { ENV, fieldOf } from '../../support/fields.ts';

const TAGS = new Set(
  (
    'a b blockquote br caption cite code col colgroup dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q small span ' +
    'strike strong sub sup table tbody td tfoot th thead tr u ul'
  ).split(' '),
);

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
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
};

const SCHEMES: Readonly<Record<string, RegExp>> = {
  href: /^\s*(?:ftp|https?|mailto):/i,
  src: /^\s*https?:/i,
  cite: /^\s*https?:/i,
};

const STYLE =
  /^(?:color|background-color|font-weight|font-style|text-decoration|text-align):[a-z0-9#()., %/-]+(?: !important)?$/i;

/** What in a tree no reader may be served; an empty list is good. */
function complaints(node: DefaultTreeAdapterTypes.Node): string[] {
  const found = 'tagName' in node ? complaintsOf(node) : node.nodeName === '#comment' ? ['a comment'] : [];
  return 'childNodes' in node ? [...found, ...node.childNodes.flatMap(complaints)] : found;
}

function complaintsOf({ tagName, attrs, namespaceURI }: DefaultTreeAdapterTypes.Element): string[] {
  const found: string[] = [];
  if (namespaceURI !== 'http://www.w3.org/1999/xhtml') found.push(`<${tagName}> of ${namespaceURI}`);
  if (!TAGS.has(tagName)) found.push(`<${tagName}>`);
  for (const { name, value } of attrs) {
    if (name === 'style') {
      found.push(...value.split(';').filter((rule) => !STYLE.test(rule)));
    } else if (name !== 'class' && !ATTRIBUTES[tagName]?.includes(name)) found.push(`${tagName}[${name}]`);
    const scheme = SCHEMES[name];
    // what a browser makes of a link, not how it is written
    if (scheme && (!scheme.test(value) || /^(?:javascript|data|vbscript|blob|file):$/.test(protocolOf(value)))) {
      found.push(`${name}=${value}`);
    }
  }
  return found;
}

function protocolOf(link: string): string {
  return URL.canParse(link) ? new URL(link).protocol : '';
}

/** Sanitized, the markup has nothing to complain of: in a page, in a table, twice over, and read back from storage. */
function expectHarmless(markup: string): void {
  const clean = sanitize(markup);
  expect(complaints(parseFragment(clean)), clean).toEqual([]);
  expect(complaints(bodyOf(parse(`<!doctype html><body><div>${clean}</div>`))), clean).toEqual([]);
  expect(sanitize(clean), 'the second time changes nothing').toBe(clean);
  expect(plainTextOf(clean)).not.toMatch(/\s{2}|^\s|\s$/);
}

function bodyOf(page: DefaultTreeAdapterTypes.Document): DefaultTreeAdapterTypes.Node {
  const root = page.childNodes.find((node) => node.nodeName === 'html') as DefaultTreeAdapterTypes.Element;
  const body = root.childNodes.find((node) => node.nodeName === 'body') as DefaultTreeAdapterTypes.Element;
  return { ...body, tagName: 'div', attrs: [] } as DefaultTreeAdapterTypes.Element;
}

const VECTORS = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//x></sCrIpT>',
  '<img src=x onerror=alert(1)>',
  '<img src="javascript:alert(1)">',
  '<a href="jav&#x09;ascript:alert(1)">x</a>',
  '<a href="jav\u0000ascript:alert(1)">x</a>',
  '<a href=" &#14;  javascript:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)//http://x">x</a>',
  '<a href="http:javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<svg><script>alert(1)</script></svg>',
  '<svg/onload=alert(1)>',
  '<svg><animate xlink:href=#x attributeName=href values="javascript:alert(1)"/><a id=x><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src onerror=alert(1)>"></style></h1>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<noscript><style></noscript><img src=x onerror=alert(1)>',
  '<textarea></textarea/><img src=x onerror=alert(1)>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<xmp></xmp/><script>alert(1)</script>',
  '<iframe><img src=x onerror=alert(1)></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<title><img src=x onerror=alert(1)></title>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<noembed><img src=x onerror=alert(1)></noembed>',
  '<noframes><img src=x onerror=alert(1)></noframes>',
  '<template><img src=x onerror=alert(1)></template>',
  '<style><img src="</style><img src=x onerror=alert(1)//">',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!--!--><img src=x onerror=alert(1)>',
  '<!-- --!><img src=x onerror=alert(1)>',
  '<?xml <img src=x onerror=alert(1)> ?>',
  '<p title="</p><img src=x onerror=alert(1)>">x</p>',
  '<p class="</p><img src=x onerror=alert(1)>">x</p>',
  '<img alt="`><script>alert(1)</script>">',
  "<a title='\"><img src=x onerror=alert(1)>'>x</a>",
  '<b <script>alert(1)</script>0',
  '<<script>alert(1)//<</script>',
  '<a href="http://x"onmouseover="alert(1)">x</a>',
  '<a/href="http://x"/onclick=alert(1)>x</a>',
  '<img src=http://x?a=b"onerror=alert(1)>',
  '<div style="background:url(javascript:alert(1))">x</div>',
  '<div style="color:expression(alert(1))">x</div>',
  '<div style="color:red;}*{background:url(//x)">x</div>',
  '<div style="color:red/*;*/;background-color:url(//x)">x</div>',
  '<div style="c\\6flor:red;color:\\75rl(//x)">x</div>',
  '<div style="color:rgb(1,2,3);color:var(--x);text-align:&quot;>">x</div>',
  '<table><td><b><table><img src=x onerror=alert(1)></table>',
  '<base href="javascript:/a/"><a href=".">x</a>',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
  '<form action="javascript:alert(1)"><button formaction="javascript:alert(1)">x</button></form>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&amp;lt;script&amp;gt;',
  '<p>\u0000<sc\u0000ript>alert(1)</script>',
  '<a href="https://x\u2028y">x</a>',
];

test.for(VECTORS)('%s', (vector) => {
  expectHarmless(vector);
  expectHarmless(`<table>${vector}</table>`);
  expectHarmless(`<p>${vector}${vector}`);
});

const word = fc.constantFrom(
  ...[
    ...TAGS,
    'script',
    'style',
    'svg',
    'math',
    'mtext',
    'mglyph',
    'noscript',
    'textarea',
    'title',
    'xmp',
    'iframe',
    'template',
  ],
  ...[
    'form',
    'select',
    'option',
    'plaintext',
    'noembed',
    'noframes',
    'foreignObject',
    'annotation-xml',
    'desc',
    'body',
    'html',
    'x-y',
  ],
);
const attribute = fc
  .tuple(
    fc.constantFrom(
      'href',
      'src',
      'cite',
      'style',
      'class',
      'title',
      'onclick',
      'id',
      'srcset',
      'xlink:href',
      'alt',
      'type',
    ),
    fc.oneof(
      fc.constantFrom('javascript:alert(1)', 'http://x', '//x', 'color:red', 'color:url(x)', '</p>', '<img src=x>', ''),
      fc.string({ unit: fc.constantFrom(...'"\'`<>&;:/ =a\n\t') }),
      fc.string(),
    ),
    fc.constantFrom('"', "'", ''),
  )
  .map(([name, value, quote]) => ` ${name}=${quote}${value}${quote}`);
const piece = fc.oneof(
  fc
    .tuple(word, fc.array(attribute, { maxLength: 3 }), fc.constantFrom('>', '/>', ' ', ''))
    .map(([name, attributes, end]) => `<${name}${attributes.join('')}${end}`),
  word.map((name) => `</${name}>`),
  fc.constantFrom(
    '<!--',
    '-->',
    '--!>',
    '<![CDATA[',
    ']]>',
    '<',
    '>',
    '&',
    '&lt;',
    '&#60;',
    '&#x3c',
    '&quot;',
    '"',
    "'",
    '\u0000',
    '</',
    '<?',
    '<!x>',
  ),
  fc.string({ maxLength: 5 }),
);
const markup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

describe('markup of any kind', () => {
  test('is harmless once it is sanitized', () => {
    fc.assert(fc.property(markup, expectHarmless), { numRuns: 2_000 });
  });

  test('reads back as it is stored', () => {
    const field = fieldOf({ type: 'html' }) as Parameters<typeof html.decode>[1];
    fc.assert(
      fc.property(markup, (input) => {
        const stored = html.decode(input, field, ENV, null) as StoredHtml | null;
        if (stored) expect(html.decode(html.encode(stored, field, ENV), field, ENV, null)).toEqual(stored);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('megabytes of broken markup take no more than a moment', () => {
  const size = 500_000;
  const broken = ['<', '<p>', '<!--', '<iframe>', '<style>', '<title>', ' x', '<b style="('];
  for (const part of [...broken, `${'<b>'.repeat(200)}${'</i>'.repeat(50)}`]) {
    const start = performance.now();
    html.decode(part.repeat(size / part.length), fieldOf({ type: 'html' }) as never, ENV, null);
    expect(performance.now() - start, part).toBeLessThan(5_000);
  }
});
