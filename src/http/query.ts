// The query string as an ordered list of pairs, since order and repetition mean something in record queries.
import type { FastifyRequest } from 'fastify';
import { badRequest } from '../errors.ts';
import type { QueryPairs } from '../records/service.ts';

const NO_PAIRS: QueryPairs = [];

/**
 * Decoded name and value pairs; `+` is a blank, a name without `=` has the value `''`.
 * @throws AppError `badRequest` for broken percent-encoding
 */
export function queryOf(request: FastifyRequest): QueryPairs {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?') + 1;
  if (start === 0 || start === url.length) return NO_PAIRS;
  return parseQuery(url.slice(start));
}

export function parseQuery(text: string): QueryPairs {
  const pairs: (readonly [string, string])[] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    pairs.push([decode(name, name), equals === -1 ? '' : decode(part.slice(equals + 1), name)]);
  }
  return pairs;
}

function decode(text: string, name: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    throw badRequest(`Query parameter [${name.slice(0, 100)}] is not valid percent-encoded UTF-8`, { cause: error });
  }
}
