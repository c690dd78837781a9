// `fileUpload`: a reference to a stored file; the bytes are the file service's (spec field-types §4.29).
import type { ObjectId } from 'mongodb';
import {
  type Decoded,
  type FieldType,
  type Json,
  type Operand,
  type OperatorCompiler,
  PendingLookup,
  Problem,
} from './field-type.ts';
import { decoratedName, undecoratedName } from './file-size.ts';
import { emptiness, equality, like, negate, operandText } from './operators.ts';
import { invalid } from './problems.ts';
import { each, idEquality, idOrText, isBlank, isObject, type JsonObject, readId } from './references.ts';

/** A file reference as it is stored. */
export interface StoredFile {
  readonly _id: ObjectId;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
}

type Options = Readonly<Record<string, never>>;

const MAX_MEGABYTES = 10;
const MAX_BYTES = MAX_MEGABYTES * 1024 * 1024;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decode(input: Json): Decoded<StoredFile> {
  if (isBlank(input)) return null;
  if (typeof input === 'string') return byId(input, input);
  if (!isObject(input)) return new Problem('invalidStructure', 'Field must be an object', input);
  if (!isBlank(input.id)) return byId(input.id, input);
  return Object.values(input).every(isBlank) ? null : inline(input);
}

function byId(text: Json | undefined, rejected: Json): PendingLookup | Problem {
  const id = readId(text);
  if (!id) return new Problem('notFound', 'File not found', rejected);
  return new PendingLookup({ target: { files: true }, tries: [{ by: 'id', id }], rejected });
}

/** A whole file in the value. Problems name the file at most: its content is too long to send back. */
function inline({ name, contentType, content }: JsonObject): PendingLookup | Problem {
  const text = (value: Json | undefined): value is string => typeof value === 'string' && value.trim() !== '';
  if (!text(name)) return missing('Name', undefined);
  if (!text(contentType)) return missing('Content type', name);
  if (typeof content !== 'string') return missing('Content', name);
  const bytes = readBase64(content);
  if (bytes instanceof Problem) return bytes;
  if (!bytes) return invalid('Content is not valid base64', name);
  const tries = [{ by: 'content', name, contentType, bytes }] as const;
  return new PendingLookup({ target: { files: true }, tries, rejected: name });
}

function missing(what: string, name: string | undefined): Problem {
  return invalid(`${what} is required when uploading a file and must be a string`, name);
}

/** Lines may be wrapped, as mail programs do; anything else must be base64. */
function readBase64(content: string): Buffer | Problem | null {
  // three quarters of the text are bytes: refuse long ones before decoding them
  if (content.length > MAX_BYTES * 2) return tooLarge();
  const packed = content.replace(/[\r\n]+/g, '');
  if (!BASE64.test(packed) || packed.replace(/=+$/, '').length % 4 === 1) return null;
  const bytes = Buffer.from(packed, 'base64');
  return bytes.length > MAX_BYTES ? tooLarge() : bytes;
}

const tooLarge = (): Problem => invalid(`Maximum size of a file sent inline is ${MAX_MEGABYTES} MB`, undefined);

const shownName = ({ name, size }: StoredFile): string => decoratedName(name, size);

/** Names are stored without the size; an operand may have it. */
const { equals: equalsStored } = equality<Options>(operandText, { suffix: '.name' });
const equalsName: OperatorCompiler<Options> = (operands, field, path, env) => {
  const spellings = operands.flatMap(each).flatMap((operand): Operand[] => {
    const bare = typeof operand.value === 'string' ? undecoratedName(operand.value) : null;
    return bare === null ? [operand] : [operand, { ...operand, value: bare }];
  });
  return equalsStored(spellings, field, path, env);
};
const equals = idOrText('name', equalsName);
const likeName = like<Options>({ suffixes: ['.name'] });

export const fileUpload: FieldType<Options, StoredFile> = {
  name: 'fileUpload',
  supports: {
    many: true,
    default: false,
    unique: false,
    required: true,
    indexable: false,
    sensitive: true,
    calculated: false,
    aggregatable: false,
  },
  automatic: false,
  importable: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  options: () => ({}),
  decode,
  fromCsv: decode,
  check: () => null,
  encode: (value) => ({ id: String(value._id), name: shownName(value) }),
  plainText: shownName,
  toCsv: shownName,
  equal: (a, b) => a._id.equals(b._id),
  isEmpty: () => false,
  fileId: (value) => value._id,
  operators: { equals, notEquals: negate(equals), ...likeName, ...emptiness() },
  subPaths: {
    id: { ...idEquality(), ...emptiness() },
    name: { equals: equalsName, notEquals: negate(equalsName), ...likeName, ...emptiness() },
  },
  order: { sort: '.name', group: '._id', minMax: false, firstLast: true },
  uniqueKey: null,
  indexSuffixes: [],
  indexKind: 1,
  schema: () => ({
    type: 'object',
    properties: { id: { type: 'string', pattern: '^[0-9a-f]{24}$' }, name: { type: 'string' } },
  }),
  inputSchema: () => ({
    anyOf: [
      { type: 'string', description: 'Id of an uploaded file' },
      { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      {
        type: 'object',
        description: `A whole file of at most ${MAX_MEGABYTES} MB`,
        required: ['name', 'contentType', 'content'],
        properties: {
          name: { type: 'string' },
          contentType: { type: 'string' },
          content: { type: 'string', contentEncoding: 'base64' },
        },
      },
    ],
    examples: [{ name: 'hello.txt', contentType: 'text/plain', content: 'aGVsbG8K' }],
  }),
};
