// From a path to a wrapper: `record.field('addresses[0].state')` (path rules of spec scripting-api §1.6).
import { badRequest } from './exceptions.ts';
import { Spread, wrap } from './many.ts';
import { parsePath, type Step } from './path.ts';
import { Place } from './place.ts';
import type { Fields, Shape } from './shape.ts';
import type { View } from './view.ts';
import type { Wrapper } from './wrapper.ts';

interface Found {
  readonly shape: Shape;
  readonly index: number | null;
}

/** Paths that were looked up before, per set of fields; bounded, since indexes make paths endless. */
const known = new WeakMap<Fields, Map<string, readonly Found[]>>();
const KNOWN_PATHS = 1000;

/**
 * Opens a field below the root of a view or below a group or reference.
 * @throws ScriptException `badRequest` when the path leads nowhere
 */
export function openPath(view: View, owner: Place | null, fields: Fields, path: unknown): Wrapper {
  const steps = resolve(fields, path);
  let place = owner;
  for (const [position, { shape, index }] of steps.entries()) {
    const next = new Place(view, place, shape, index);
    if (next.isList && position < steps.length - 1) return spread(next, steps.slice(position + 1));
    place = next;
  }
  if (!place) throw badRequest('The path is empty');
  return wrap(place);
}

function spread(list: Place, rest: readonly Found[]): Wrapper {
  const last = rest.at(-1);
  if (!last) throw badRequest('The path is empty');
  return new Spread(list.inner(last.shape), () => spreadPlaces([list], rest));
}

/** Every place that the rest of a path names below some places; lists on the way and at the end give their elements. */
function spreadPlaces(places: readonly Place[], rest: readonly Found[]): readonly Place[] {
  let current = places.flatMap(elements);
  for (const { shape, index } of rest) {
    current = current.flatMap((place) => elements(place.inner(shape, index)));
  }
  return current;
}

function elements(place: Place): Place[] {
  return place.isList ? place.list().map((_, index) => place.element(index)) : [place];
}

function resolve(fields: Fields, path: unknown): readonly Found[] {
  if (typeof path !== 'string') return find(fields, parsePath(path), path);
  let paths = known.get(fields);
  if (!paths) {
    paths = new Map();
    known.set(fields, paths);
  }
  const before = paths.get(path);
  if (before) return before;
  const found = find(fields, parsePath(path), path);
  if (paths.size >= KNOWN_PATHS) paths.clear();
  paths.set(path, found);
  return found;
}

function find(fields: Fields, steps: readonly Step[], path: unknown): readonly Found[] {
  let level: Fields | null = fields;
  return steps.map(({ name, index }) => {
    const shape = level?.get(name);
    if (!shape) throw badRequest(`Field [${String(path)}] does not exist`);
    if (index !== null && !shape.many) throw badRequest(`Field [${name}] in [${String(path)}] is not multi-valued`);
    level = shape.inner;
    return { shape, index };
  });
}
