// Translates a predicate into a MongoDB filter that finds exactly the documents that pass in memory (matches.ts).
import type { Binary, Document } from 'mongodb';
import type { EntityModel } from '../definitions/model.ts';
import { systemError } from '../errors.ts';
import { EARTH_RADIUS, pointIndexPath } from './geo.ts';
import type { Predicate } from './predicate.ts';
import { type StorageFacts, storageFacts } from './storage-facts.ts';

export interface MongoOptions {
  readonly entity: EntityModel;
  /** What the documents are like; absent: records of the entity as they are stored. */
  readonly facts?: StorageFacts;
  /** Keyed hashes of a clear value, one per key in use: what equality on sealed values compares. */
  readonly sealer: { hashes(value: unknown): readonly Binary[] };
  /**
   * `order`: a `near` test also orders the result, nearest first; only `find` without another sort takes it. `within` (the
   * default): it only filters, so that counts, aggregates and deletes can use it.
   */
  readonly near?: 'order' | 'within';
}

/** Where a translation stands: emitted paths begin at `lead`, and `absolute` is the same place seen from the root. */
interface Place {
  readonly facts: StorageFacts;
  readonly options: MongoOptions;
  readonly absolute: string;
  readonly lead: string;
}

type Of<K extends Predicate['kind']> = Extract<Predicate, { readonly kind: K }>;

/** Longest distance on earth; wider circles are no restriction, and MongoDB refuses them. */
const HALF_ROUND = Math.PI * EARTH_RADIUS;

const NOTHING: Document = { _id: { $in: [] } };

/**
 * The filter for `find`, `countDocuments`, `$match` and the like.
 * @throws AppError `systemException` for tests on sealed values other than equality and emptiness: compilers refuse those
 */
export function toMongo(predicate: Predicate, options: MongoOptions): Document {
  return translate(predicate, {
    facts: options.facts ?? storageFacts(options.entity),
    options,
    absolute: '',
    lead: '',
  });
}

function translate(predicate: Predicate, place: Place): Document {
  switch (predicate.kind) {
    case 'all':
      return {};
    case 'none':
      return NOTHING;
    case 'and':
      return { $and: predicate.of.map((member) => translate(member, place)) };
    case 'or':
      return { $or: predicate.of.map((member) => translate(member, place)) };
    case 'not':
      return { $nor: [translate(predicate.of, place)] };
    case 'in':
      return translateIn(predicate, place);
    case 'range':
      return translateRange(predicate, place);
    case 'match':
      refuseSealed(predicate.path, place);
      return emit(predicate.path, place, {
        $regex: predicate.pattern.mongo.source,
        $options: predicate.pattern.mongo.options,
      });
    case 'empty':
      return translateEmpty(predicate, place);
    case 'element':
      return translateElement(predicate, place);
    case 'near':
      return translateNear(predicate, place);
    case 'text':
      return { $text: { $search: predicate.search } };
  }
}

function emit(path: string, { lead }: Place, test: unknown): Document {
  return { [lead + path]: test };
}

function translateIn({ path, values }: Of<'in'>, place: Place): Document {
  const wanted = values.filter((value) => value !== null && value !== undefined);
  const sealed = sealedPath(path, place);
  if (sealed) return emit(sealed, place, { $in: wanted.flatMap((value) => place.options.sealer.hashes(value)) });
  return emit(path, place, wanted.length === 1 ? { $eq: wanted[0] } : { $in: wanted });
}

/**
 * MongoDB lets different elements of a list satisfy the two ends of a range; `$elemMatch` at every list on the way makes it one.
 */
function translateRange({ path, gt, gte, lt, lte }: Of<'range'>, place: Place): Document {
  refuseSealed(path, place);
  const test: Document = {};
  for (const [operator, bound] of [
    ['$gt', gt],
    ['$gte', gte],
    ['$lt', lt],
    ['$lte', lte],
  ] as const) {
    if (bound !== null && bound !== undefined) test[operator] = bound;
  }
  const ends = Object.keys(test).length;
  if (ends === 0) return NOTHING;
  return ends === 1 ? emit(path, place, test) : withinElements(path, place, test);
}

function withinElements(path: string, place: Place, test: Document): Document {
  const lists = listsOn(path, place);
  let inner: Document = test;
  let end = path.length;
  for (const list of lists.toReversed()) {
    const rest = path.slice(list + 1, end);
    inner = { $elemMatch: rest ? { [rest]: inner } : inner };
    end = list;
  }
  return { [place.lead + path.slice(0, end)]: inner };
}

/** Lengths of the beginnings of `path` that are lists, in order; the path itself too. */
function listsOn(path: string, { facts, absolute }: Place): number[] {
  const found: number[] = [];
  if (facts.lists.size === 0) return found;
  for (let end = path.indexOf('.'); ; end = path.indexOf('.', end + 1)) {
    const stop = end === -1 ? path.length : end;
    if (facts.lists.has(absolute + path.slice(0, stop))) found.push(stop);
    if (end === -1) return found;
  }
}

function translateEmpty({ path }: Of<'empty'>, place: Place): Document {
  const sealed = [...place.facts.sealed.keys()].find((clear) => isAtOrBelow(place.absolute + path, clear));
  const target = sealed === undefined ? path : sealed.slice(place.absolute.length);
  const tests = [emit(target, place, { $in: [null, []] })];
  for (const list of listsOn(target, place)) {
    // an empty list on the way holds nothing, and MongoDB does not take that for null
    if (list < target.length) tests.push(emit(target.slice(0, list), place, { $in: [[]] }));
  }
  return tests.length === 1 ? (tests[0] as Document) : { $or: tests };
}

function translateElement({ path, of }: Of<'element'>, place: Place): Document {
  const below = `${place.absolute}${path}.`;
  const list = listsOn(path, place).at(-1);
  if (list === path.length) {
    return emit(path, place, { $elemMatch: translate(of, { ...place, absolute: below, lead: '' }) });
  }
  const rest = list === undefined ? place.lead + path : path.slice(list + 1);
  const test = {
    $and: [{ [rest]: { $type: 'object' } }, translate(of, { ...place, absolute: below, lead: `${rest}.` })],
  };
  return list === undefined ? test : emit(path.slice(0, list), place, { $elemMatch: test });
}

function translateNear({ path, longitude, latitude, min, max }: Of<'near'>, place: Place): Document {
  const at = pointIndexPath(path, listsOn(path, place).at(-1) === path.length);
  const farthest = max !== null && max < HALF_ROUND ? max : null;
  if (min !== null && farthest !== null && min > farthest) return NOTHING;
  if (place.options.near === 'order') {
    const near: Document = { $geometry: { type: 'Point', coordinates: [longitude, latitude] } };
    if (min !== null) near.$minDistance = min;
    if (farthest !== null) near.$maxDistance = farthest;
    return emit(at, place, { $nearSphere: near });
  }
  const circle = (metres: number): Document =>
    emit(at, place, { $geoWithin: { $centerSphere: [[longitude, latitude], metres / EARTH_RADIUS] } });
  const outer = farthest === null ? emit(path, place, { $type: 'object' }) : circle(farthest);
  if (min === null || min <= 0) return outer;
  return min >= HALF_ROUND ? NOTHING : { $and: [outer, { $nor: [circle(min)] }] };
}

/** The path of the hash when `path` lies in a sealed value, relative to the place. */
function sealedPath(path: string, { facts, absolute }: Place): string | null {
  if (facts.sealed.size === 0) return null;
  for (const [clear, hash] of facts.sealed) {
    if (isAtOrBelow(absolute + path, clear)) return hash.slice(absolute.length);
  }
  return null;
}

function refuseSealed(path: string, place: Place): void {
  if (sealedPath(path, place) !== null) {
    throw systemError(`Sensitive field [${place.absolute}${path}] can only be compared for equality`);
  }
}

function isAtOrBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && (path.length === ancestor.length || path[ancestor.length] === '.');
}
