// Entries stay within what one document can hold, however large the record is.
import type { Json } from '../../fields/field-type.ts';
import type { Values } from './changes.ts';

/** Of either side of an entry; a document holds 16 MB. */
const MOST_BYTES = 6_000_000;
/** What each value and key costs beside its text. */
const OVERHEAD = 16;

/** The values, where they are too large the largest replaced by a word about their size. */
export function withinSize(values: Values, most = MOST_BYTES): Values {
  const sizes = Object.entries(values).map(([name, value]): [string, number] => [name, sizeOf(value) + name.length]);
  let total = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (total <= most) return values;
  const smaller: Record<string, Json> = { ...values };
  for (const [name, size] of sizes.sort(([, a], [, b]) => b - a)) {
    if (total <= most) break;
    smaller[name] = `(too large for the audit log: ${size} bytes)`;
    total -= size;
  }
  return smaller;
}

function sizeOf(value: Json | undefined): number {
  if (typeof value === 'string') return OVERHEAD + (value.length < 100 ? value.length : Buffer.byteLength(value));
  if (typeof value !== 'object' || value === null) return OVERHEAD;
  let size = OVERHEAD;
  for (const [key, item] of Object.entries(value)) size += key.length + sizeOf(item);
  return size;
}
