// JSON bodies: read leniently (empty is allowed everywhere), checked strictly; mistakes surface only where a route uses the body,
// since unknown entities and missing rights come before syntax in the order of checks.
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AppError, badRequest } from '../errors.ts';

/** Deeper bodies would overflow the stack of whoever walks them, and MongoDB stores no more than 100 levels. */
const MAX_DEPTH = 64;

/** A body that could not be read, kept until somebody asks for it. */
class UnreadableBody {
  readonly error: AppError;
  constructor(error: AppError) {
    this.error = error;
  }
}

/** What the client sent as JSON, `{}` for an empty body. @throws AppError `badRequest` for a body that is no JSON */
export function bodyOf(request: FastifyRequest): unknown {
  const { body } = request;
  if (body instanceof UnreadableBody) throw body.error;
  return body === undefined ? {} : body;
}

/** Installs the reader of bodies. Other kinds of body need their own parser in the scope of their routes. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = (_request: FastifyRequest, body: Buffer, done: (error: null, body: unknown) => void): void => {
    done(null, readJson(body));
  };
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parseJson);
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: (error: null, body: unknown) => void): void => {
      const type = request.headers['content-type'];
      done(null, type === undefined || body.length === 0 ? readJson(body) : wrongType(type));
    },
  );
}

const wrongType = (type: string): UnreadableBody =>
  unreadable(`The body must be JSON: Content-Type must be application/json, not ${type.slice(0, 100)}`);

/** The value, undefined for an empty body, or why it can't be read. */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) return unreadable('The body is not valid UTF-8');
  if (isTooDeep(body)) return unreadable(`The body is nested more than ${MAX_DEPTH} levels deep`);
  const text = body.toString();
  try {
    const value: unknown = JSON.parse(text);
    // escapes may spell the name too, so a cheap look at the text decides only whether to look closer
    const suspicious = text.includes('__proto__') || text.includes('\\u00');
    return suspicious && namesPrototype(value) ? unreadable('The body must not use the key "__proto__"') : value;
  } catch (error) {
    if (text.trim() === '') return undefined;
    const reason = error instanceof SyntaxError ? error.message : 'syntax error';
    return unreadable(
      text.startsWith('\ufeff') ? 'The body begins with a byte order mark' : `The body is not valid JSON: ${reason}`,
    );
  }
}

const unreadable = (message: string): UnreadableBody => new UnreadableBody(badRequest(message));

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Counts brackets outside of texts; wrong for what is no JSON, which the parser refuses anyway. */
function isTooDeep(body: Buffer): boolean {
  let depth = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === QUOTE) {
      index = endOfText(body, index + 1);
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
  }
  return false;
}

function endOfText(body: Buffer, start: number): number {
  let index = start;
  while (index < body.length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1;
  return index;
}

function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype);
}
