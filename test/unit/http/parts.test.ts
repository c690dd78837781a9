// The small readers of the HTTP edge, against what they must agree with.

import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenOf } from '../../../src/http/authenticate.ts';
import { readJson } from '../../../src/http/body.ts';
import { createHeaders } from '../../../src/http/headers.ts';
import { parseQuery } from '../../../src/http/query.ts';

describe('query strings', () => {
  test('what was encoded comes back, in order', () => {
    const text = fc.string({ unit: 'binary' }).filter((sample) => sample.isWellFormed());
    const pairs = fc.array(fc.tuple(text, text).filter(([name, value]) => name !== '' || value !== ''));
    fc.assert(
      fc.property(pairs, fc.boolean(), (given, plus) => {
        const encode = (part: string) =>
          plus ? encodeURIComponent(part).replaceAll('%20', '+') : encodeURIComponent(part);
        expect(parseQuery(given.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&'))).toEqual(given);
      }),
    );
  });

  test.each<[string, [string, string][]]>([
    ['', []],
    ['&&', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=b', [['', 'b']]],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a=like(x)&a=%2B',
      [
        ['a', 'like(x)'],
        ['a', '+'],
      ],
    ],
    ['a=%F0%9F%98%80+b', [['a', '😀 b']]],
    ['a=between(1,2)', [['a', 'between(1,2)']]],
  ])('%s', (text, pairs) => {
    expect(parseQuery(text)).toEqual(pairs);
  });

  test.each(['a=%', 'a=%f', '%zz=1', 'a=%ff', 'a=%C0%80', 'a=%ED%A0%80'])('%s is refused by name', (text) => {
    expect(() => parseQuery(text)).toThrow(/^Query parameter \[.+\] is not valid/);
  });
});

describe('JSON', () => {
  test('reads what JSON.parse reads, whatever the layout', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!text.includes('__proto__'));
        expect(readJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readJson(Buffer.from(bytes));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        readJson(Buffer.from(text));
      }),
    );
  });
});

describe('tokens', () => {
  test.each<[string, Record<string, string>, string | null]>([
    ['GET', {}, null],
    ['GET', { token: 'a' }, 'a'],
    ['POST', { token: 'a', authorization: 'Bearer b', cookie: 'token=c' }, 'a'],
    ['GET', { token: '', authorization: 'Bearer b', cookie: 'token=c' }, 'b'],
    ['GET', { token: 'wrong', cookie: 'token=c' }, 'wrong'],
    ['GET', { authorization: 'bearer   b ' }, 'b'],
    ['GET', { authorization: 'Basic YTpi', cookie: 'token=c' }, 'c'],
    ['GET', { cookie: 'x=1; token=c; token=d' }, 'c'],
    ['HEAD', { cookie: 'token="c"' }, 'c'],
    ['GET', { cookie: 'mytoken=c' }, null],
    ['GET', { cookie: 'token=' }, null],
    ['POST', { cookie: 'token=c' }, null],
    ['PUT', { cookie: 'token=c' }, null],
    ['PATCH', { cookie: 'token=c' }, null],
    ['DELETE', { cookie: 'token=c' }, null],
  ])('%s %j: %s', (method, headers, token) => {
    expect(tokenOf({ method, headers } as unknown as IncomingMessage)).toBe(token);
  });
});

test('a list of no origins lets no browser in', () => {
  expect(createHeaders([])('https://a.example', false)).not.toHaveProperty('access-control-allow-origin');
});
