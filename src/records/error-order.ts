// The order in which field errors are reported: that of the fields, element by element (spec field-types §2.5).
import type { EntityModel, Field } from '../definitions/model.ts';
import type { FieldError } from '../errors.ts';

/** Sorts errors by the place of their path in the entity; unknown names come last in their group, record errors last of all. */
export function inFieldOrder(entity: EntityModel, errors: readonly FieldError[]): FieldError[] {
  const keyed = errors.map((error) => ({ error, key: placeOf(entity.fields, error.field) }));
  return keyed.sort((a, b) => comparePlaces(a.key, b.key)).map(({ error }) => error);
}

/** Position of each step of a path: the field among its siblings, then the element in its list. */
function placeOf(fields: readonly Field[], path: string | null): number[] {
  if (path === null) return [Number.POSITIVE_INFINITY];
  const place: number[] = [];
  let siblings = fields;
  for (const step of path.split('.')) {
    const [name = '', index] = step.split(/[[\]]/);
    const position = siblings.findIndex((field) => field.name === name);
    place.push(position === -1 ? Number.MAX_SAFE_INTEGER : position);
    if (index !== undefined) place.push(Number(index));
    siblings = siblings[position]?.fields ?? [];
  }
  return place;
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (let step = 0; step < Math.min(a.length, b.length); step++) {
    const difference = (a[step] ?? 0) - (b[step] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
