// Evaluates a predicate on a document in memory; what MongoDB finds for the same predicate (to-mongo.ts) is exactly what passes here.
import { compareValues, isDocument, sameValue } from './compare.ts';
import { distance, pointOf } from './geo.ts';
import type { Predicate } from './predicate.ts';

type Of<K extends Predicate['kind']> = Extract<Predicate, { readonly kind: K }>;

/**
 * Does a document pass? Sensitive values must be in clear.
 * @param doc a {@link StoredRecord}, or anything of that shape
 * @throws Error for full-text search, which only the database can do
 */
export function matches(predicate: Predicate, doc: object): boolean {
  switch (predicate.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'and':
      return predicate.of.every((member) => matches(member, doc));
    case 'or':
      return predicate.of.some((member) => matches(member, doc));
    case 'not':
      return !matches(predicate.of, doc);
    case 'in':
      return anyValue(doc, predicate.path, 0, (value) => predicate.values.some((wanted) => sameValue(value, wanted)));
    case 'range':
      return matchesRange(predicate, doc);
    case 'match':
      return anyValue(doc, predicate.path, 0, (value) => typeof value === 'string' && matchesText(predicate, value));
    case 'empty':
      return anyLeaf(doc, predicate.path, 0, isEmpty);
    case 'element':
      return anyValue(doc, predicate.path, 0, (value) => isDocument(value) && matches(predicate.of, value));
    case 'near':
      return matchesNear(predicate, doc);
    case 'text':
      throw new Error('A full-text search can only be answered by the database');
  }
}

/** The value at a path without lists; undefined where it is missing. */
export function valueAt(doc: object, path: string): unknown {
  let found: unknown;
  anyLeaf(doc, path, 0, (value) => {
    found = value;
    return true;
  });
  return found;
}

/** Every value at a path, elements of lists one by one; empties left out. */
export function valuesAt(doc: object, path: string): unknown[] {
  const found: unknown[] = [];
  anyValue(doc, path, 0, (value) => {
    if (value !== null && value !== undefined) found.push(value);
    return false;
  });
  return found;
}

function matchesRange({ path, gt, gte, lt, lte }: Of<'range'>, doc: object): boolean {
  if (isNothing(gt) && isNothing(gte) && isNothing(lt) && isNothing(lte)) return false;
  return anyValue(
    doc,
    path,
    0,
    (value) =>
      passes(value, gt, (order) => order > 0) &&
      passes(value, gte, (order) => order >= 0) &&
      passes(value, lt, (order) => order < 0) &&
      passes(value, lte, (order) => order <= 0),
  );
}

function passes(value: unknown, bound: unknown, test: (order: number) => boolean): boolean {
  if (isNothing(bound)) return true;
  const order = compareValues(value, bound);
  return order !== undefined && test(order);
}

function matchesText({ pattern }: Of<'match'>, value: string): boolean {
  return pattern.test(value.toWellFormed());
}

function matchesNear({ path, longitude, latitude, min, max }: Of<'near'>, doc: object): boolean {
  let nearest = Number.POSITIVE_INFINITY;
  anyValue(doc, path, 0, (value) => {
    const point = pointOf(value);
    if (point) nearest = Math.min(nearest, distance(point, [longitude, latitude]));
    return false;
  });
  return nearest !== Number.POSITIVE_INFINITY && nearest >= (min ?? 0) && nearest <= (max ?? nearest);
}

function isEmpty(value: unknown): boolean {
  if (!Array.isArray(value)) return isNothing(value);
  return value.length === 0 || value.some((item) => isNothing(item) || (Array.isArray(item) && item.length === 0));
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Like {@link anyLeaf}, with the elements of a list at the end of the path one by one. */
function anyValue(doc: object, path: string, start: number, test: (value: unknown) => boolean): boolean {
  return anyLeaf(doc, path, start, (leaf) => (Array.isArray(leaf) ? leaf.some(test) : test(leaf)));
}

/**
 * Tests what stands at the end of the path, in every element of the lists on the way, until one passes. What is missing, and an
 * empty list on the way, is undefined; elements that are no documents are passed over, as in MongoDB.
 */
function anyLeaf(doc: object, path: string, start: number, test: (leaf: unknown) => boolean): boolean {
  const dot = path.indexOf('.', start);
  const key = dot === -1 ? path.slice(start) : path.slice(start, dot);
  const value = Object.hasOwn(doc, key) ? (doc as Record<string, unknown>)[key] : undefined;
  if (dot === -1) return test(value);
  if (isDocument(value)) return anyLeaf(value, path, dot + 1, test);
  if (!Array.isArray(value) || value.length === 0) return test(undefined);
  return value.some((item) => isDocument(item) && anyLeaf(item, path, dot + 1, test));
}
