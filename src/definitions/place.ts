// Where something stands in the definitions: a file and a key path, from which the line is found when there is something to say.

export type Path = readonly (string | number)[];

/** A definition file as messages refer to it. */
export interface Source {
  /** Relative to the definitions folder, with `/`. */
  readonly file: string;
  /** What the paths walk through; gives list items their names in messages. */
  readonly content: unknown;
  /** Line of the deepest existing part of the path; null when the source has no lines. */
  readonly lineOf: (path: Path) => number | null;
}

export interface Place {
  readonly source: Source;
  readonly path: Path;
}

/** The place `keys` below another. */
export function at(place: Place, ...keys: Path): Place {
  return { source: place.source, path: [...place.path, ...keys] };
}

/** A key as options of field types name it: `typeRules.possibleValues[2].condition`. */
export function parseKey(key: string): Path {
  return key
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A key path as the query compiler reports it, where keys of the map may hold dots themselves. */
export function pathInside(value: unknown, key: string): Path {
  const path: (string | number)[] = [];
  let node = value;
  let rest = key === '' ? [] : key.split('.');
  while (rest.length > 0) {
    const length = Array.isArray(node) ? 1 : ownKeyLength(node, rest);
    const step = rest.slice(0, length).join('.');
    path.push(Array.isArray(node) && /^\d+$/.test(step) ? Number(step) : step);
    node = child(node, step);
    rest = rest.slice(length);
  }
  return path;
}

function ownKeyLength(node: unknown, steps: readonly string[]): number {
  for (let length = steps.length; length > 1; length--) {
    if (child(node, steps.slice(0, length).join('.')) !== undefined) return length;
  }
  return 1;
}

/** Readable form: keys by dots, list items by their name where they have one: `fields[addresses].nestedFields[zipCode].type`. */
export function formatPath(path: Path, content: unknown): string {
  let shown = '';
  let node = content;
  for (const key of path) {
    node = child(node, key);
    if (typeof key === 'number') shown += `[${itemName(node) ?? key}]`;
    else shown += shown === '' ? key : `.${key}`;
  }
  return shown;
}

function child(node: unknown, key: string | number): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
  return (node as Record<string | number, unknown>)[key];
}

const NAMING_KEYS = ['name', 'field', 'action', 'parameter', 'entity'];

function itemName(item: unknown): string | undefined {
  for (const key of NAMING_KEYS) {
    const name = child(item, key);
    if (typeof name === 'string' && name !== '' && name.length <= 80) return name;
  }
  return undefined;
}
