// How stored values compare: MongoDB's order inside one type and its equality across number types, so that both evaluators agree.
import { Decimal } from 'decimal.js';
import { Decimal128, Long, ObjectId } from 'mongodb';

/** Types that compare with each other; values of different ones are never equal, less or greater. */
type ValueClass = 'number' | 'string' | 'boolean' | 'date' | 'id' | 'bytes' | 'other';

/**
 * Order of two stored values: negative, 0 or positive; undefined when they don't compare (other types, or NaN with a number).
 * Strings compare by code point, numbers by their exact mathematical value whatever their BSON types.
 */
export function compareValues(a: unknown, b: unknown): number | undefined {
  const kind = classOf(a);
  if (kind !== classOf(b)) return undefined;
  if (kind === 'number') return compareNumbers(a, b);
  if (kind === 'string') return compareText((a as string).toWellFormed(), (b as string).toWellFormed());
  if (kind === 'date') return (a as Date).getTime() - (b as Date).getTime();
  if (kind === 'boolean') return Number(a) - Number(b);
  if (kind === 'id') return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
  return kind === 'bytes' ? compareBytes(bytesOf(a), bytesOf(b)) : undefined;
}

/** True when MongoDB takes two stored scalars for the same value. Null and missing equal nothing: that is what `empty` tests. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return a !== null && a !== undefined;
  return compareValues(a, b) === 0;
}

/** Code point order, which is the byte order of UTF-8; the order of `<` differs beyond the basic plane. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // a surrogate stands for a code point above all others, and its pair has been equal so far
    const high = isSurrogate(x);
    return high === isSurrogate(y) ? x - y : high ? 1 : -1;
  }
  return a.length - b.length;
}

/** An embedded document: what a path can go through. */
export function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !('_bsontype' in value) && !(value instanceof Date) && !ArrayBuffer.isView(value);
}

function classOf(value: unknown): ValueClass {
  const type = typeof value;
  if (type === 'string' || type === 'number' || type === 'boolean') return type;
  if (type === 'bigint') return 'number';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'id';
  if (value instanceof Decimal128 || Long.isLong(value)) return 'number';
  if (ArrayBuffer.isView(value)) return 'bytes';
  const bson = (value as { _bsontype?: unknown } | null | undefined)?._bsontype;
  if (bson === 'Binary') return 'bytes';
  return bson === 'Int32' || bson === 'Double' ? 'number' : 'other';
}

function compareNumbers(a: unknown, b: unknown): number | undefined {
  const x = toDouble(a);
  const y = toDouble(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y) ? 0 : undefined;
  // rounding keeps the order, so only values with the same nearest double need a closer look
  if (x !== y) return x < y ? -1 : 1;
  if (isDouble(a) && isDouble(b)) return 0;
  return toExact(a).cmp(toExact(b));
}

function isDouble(value: unknown): boolean {
  return typeof value === 'number' || (value as { _bsontype?: unknown })._bsontype === 'Double';
}

function toDouble(value: unknown): number {
  return typeof value === 'number' ? value : Number((value as { toString(): string }).toString());
}

function toExact(value: unknown): Decimal {
  return new Decimal(isDouble(value) ? expand(toDouble(value)) : (value as { toString(): string }).toString());
}

/** All decimal digits of a double; its usual text is only the shortest one that reads back the same. */
function expand(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  let scaled = value;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos++;
  }
  return `${BigInt(scaled) * 5n ** BigInt(twos)}e-${twos}`;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function bytesOf(value: unknown): Uint8Array {
  return ArrayBuffer.isView(value) ? (value as Uint8Array) : (value as { buffer: Uint8Array }).buffer;
}

/** BSON orders bytes by length first. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || Buffer.compare(a, b);
}
