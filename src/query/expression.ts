// The `_query` language: `or(filter('type','a'),and(filter('type','b'),filter('isCustomer','true')))`. A recursive descent parser;
// every mistake names its position.
import { badRequest } from '../errors.ts';
import type { QueryLimits } from './limits.ts';

/** A parsed expression. `value` is filter text as in query strings (parse.ts). */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'filter'; readonly path: string; readonly value: string };

interface Reader {
  readonly text: string;
  readonly limits: QueryLimits;
  at: number;
  filters: number;
}

/**
 * Parses a `_query` expression.
 * @throws AppError `badRequest` that names the position, counted from 1, or the limit that was passed
 */
export function parseExpression(text: string, limits: QueryLimits): Expression {
  if (text.length > limits.expressionLength) {
    throw badRequest(`[_query] may have at most ${limits.expressionLength} characters`);
  }
  const reader: Reader = { text, limits, at: 0, filters: 0 };
  const expression = readExpression(reader, 1);
  skipBlanks(reader);
  if (reader.at < text.length) throw expected(reader, 'the end');
  return expression;
}

function readExpression(reader: Reader, depth: number): Expression {
  const word = readWord(reader);
  if (word === 'filter') return readFilter(reader);
  if (depth > reader.limits.depth) throw badRequest(`[_query] may be nested ${reader.limits.depth} levels deep`);
  take(reader, '(');
  const of = [readExpression(reader, depth + 1)];
  while (peek(reader) === ',') {
    reader.at++;
    of.push(readExpression(reader, depth + 1));
  }
  take(reader, ')');
  return { kind: word, of };
}

function readFilter(reader: Reader): Expression {
  if (++reader.filters > reader.limits.filters) {
    throw badRequest(`[_query] may have at most ${reader.limits.filters} filters`);
  }
  take(reader, '(');
  const path = readString(reader);
  take(reader, ',');
  const value = readString(reader);
  take(reader, ')');
  return { kind: 'filter', path: path.trim(), value };
}

function readWord(reader: Reader): 'and' | 'or' | 'filter' {
  skipBlanks(reader);
  for (const word of ['and', 'or', 'filter'] as const) {
    const end = reader.at + word.length;
    if (!reader.text.startsWith(word, reader.at) || /\w/.test(reader.text[end] ?? '')) continue;
    reader.at = end;
    return word;
  }
  throw expected(reader, 'and, or, or filter');
}

/** A string in single or double quotes; a backslash in front of that quote takes its meaning away. */
function readString(reader: Reader): string {
  const quote = peek(reader);
  if (quote !== "'" && quote !== '"') throw expected(reader, 'a quoted text');
  const start = reader.at;
  let value = '';
  let from = start + 1;
  for (;;) {
    const end = reader.text.indexOf(quote, from);
    if (end === -1) throw badRequest(`[_query] has a quote that is not closed at position ${start + 1}`);
    reader.at = end + 1;
    if (reader.text[end - 1] !== '\\') return value + reader.text.slice(from, end);
    value += reader.text.slice(from, end - 1) + quote;
    from = end + 1;
  }
}

function take(reader: Reader, character: string): void {
  if (peek(reader) !== character) throw expected(reader, `[${character}]`);
  reader.at++;
}

function peek(reader: Reader): string | undefined {
  skipBlanks(reader);
  return reader.text[reader.at];
}

function skipBlanks(reader: Reader): void {
  while (/^\s$/.test(reader.text[reader.at] ?? '')) reader.at++;
}

function expected({ text, at }: Reader, what: string): Error {
  const found = at < text.length ? `[${text[at]}]` : 'the end';
  return badRequest(`[_query] needs ${what} at position ${at + 1}, but there is ${found}`);
}
