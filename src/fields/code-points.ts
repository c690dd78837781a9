// Sets of Unicode code points, for the character classes of patterns: what a class means is settled here, so that no two regular
// expression engines can differ about it.

/** Sorted, disjoint, non-adjacent inclusive ranges, flattened: `[from, to, from, to, …]`. Surrogates are never members. */
export type CodePoints = readonly number[];

const LAST = 0x10ffff;
const SURROGATES: CodePoints = [0xd800, 0xdfff];

export const NOTHING: CodePoints = [];

/** A set of ranges given in any order. */
export function codePoints(...ranges: readonly (readonly [from: number, to: number])[]): CodePoints {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [from, to] of sorted) {
    const end = set.at(-1);
    if (end !== undefined && from <= end + 1) set[set.length - 1] = Math.max(end, to);
    else set.push(from, to);
  }
  return set;
}

/** The code points of a string. */
export function charactersOf(text: string): CodePoints {
  return codePoints(...Array.from(text, (char): [number, number] => [pointOf(char), pointOf(char)]));
}

export function pairs(set: CodePoints): [from: number, to: number][] {
  const result: [number, number][] = [];
  for (let i = 0; i < set.length; i += 2) result.push([set[i] ?? 0, set[i + 1] ?? 0]);
  return result;
}

export const union = (...sets: readonly CodePoints[]): CodePoints => codePoints(...sets.flatMap(pairs));

/** Keeps the answers for sets that are used again, such as those of shorthands and properties. */
function remembered(derive: (set: CodePoints) => CodePoints): (set: CodePoints) => CodePoints {
  const known = new WeakMap<CodePoints, CodePoints>();
  return (set) => {
    const answer = known.get(set) ?? derive(set);
    known.set(set, answer);
    return answer;
  };
}

export const complement = remembered((set) => {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of pairs(union(set, SURROGATES))) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) result.push([next, LAST]);
  // U+D7FF and U+E000 are not neighbours here: the surrogates between them are gone
  return result.flat();
});

export const intersect = (a: CodePoints, b: CodePoints): CodePoints => complement(union(complement(a), complement(b)));
export const subtract = (a: CodePoints, b: CodePoints): CodePoints => complement(union(complement(a), b));

export function has(set: CodePoints, point: number): boolean {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((set[middle * 2 + 1] ?? 0) < point) low = middle + 1;
    else high = middle;
  }
  return low * 2 < set.length && (set[low * 2] ?? 0) <= point;
}

/** The set with every other case of its members: simple case folding, so `k` brings `K` and the Kelvin sign. */
export const withAllCases = remembered((set) => {
  const extra: [number, number][] = [];
  for (const orbit of orbits().values()) {
    if (orbit.some((point) => has(set, point))) for (const point of orbit) extra.push([point, point]);
  }
  return extra.length === 0 ? set : codePoints(...pairs(set), ...extra);
});

/** All cases of one code point, itself among them. */
export function casesOf(point: number): readonly number[] {
  return orbits().get(foldPoint(point)) ?? [point];
}

/** A text with every code point replaced by the representative of its cases; texts that differ in case only become equal. */
export function foldText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const char of text) folded += String.fromCodePoint(foldPoint(pointOf(char)));
  return folded;
}

/** Upper case first, so that `ς`, `σ` and `ſ`, `s` meet; mappings to several characters don't count. */
function foldPoint(point: number): number {
  if (point < 0x80) return point >= 0x41 && point <= 0x5a ? point + 0x20 : point;
  // dotless i: its upper case is I, and yet Unicode folds it to nothing but itself
  if (point === 0x131) return point;
  return single(single(point, 'toUpperCase'), 'toLowerCase');
}

function single(point: number, mapping: 'toUpperCase' | 'toLowerCase'): number {
  const mapped = String.fromCodePoint(point)[mapping]();
  const first = pointOf(mapped);
  return String.fromCodePoint(first).length === mapped.length ? first : point;
}

let knownOrbits: ReadonlyMap<number, readonly number[]> | null = null;

/** Code points that have other cases, by their representative. Some 1,400; made at first use. */
function orbits(): ReadonlyMap<number, readonly number[]> {
  if (knownOrbits) return knownOrbits;
  const found = new Map<number, number[]>();
  const cased = unicodeProperty('Changes_When_Casemapped') ?? NOTHING;
  for (const [from, to] of pairs(cased)) {
    for (let point = from; point <= to; point++) {
      const orbit = found.get(foldPoint(point));
      if (orbit) orbit.push(point);
      else found.set(foldPoint(point), [point]);
    }
  }
  for (const [key, orbit] of found) if (orbit.length === 1) found.delete(key);
  knownOrbits = found;
  return knownOrbits;
}

const knownProperties = new Map<string, CodePoints | undefined>();

/**
 * A Unicode property by the name that ECMAScript gives it (`L`, `Script=Greek`, `Alphabetic`); undefined when there is none.
 * The name comes from a pattern, so nothing but a plain name gets as far as a regular expression.
 */
export function unicodeProperty(name: string): CodePoints | undefined {
  if (!/^[A-Za-z_]{1,40}(=[A-Za-z_]{1,40})?$/.test(name)) return undefined;
  if (!knownProperties.has(name)) {
    const set = scan(name);
    // names that don't exist are endless; those that do are a few hundred
    if (!set) return undefined;
    knownProperties.set(name, set);
  }
  return knownProperties.get(name);
}

function scan(name: string): CodePoints | undefined {
  let member: RegExp;
  try {
    member = new RegExp(`^\\p{${name}}$`, 'u');
  } catch {
    return undefined;
  }
  const set: number[] = [];
  let open = false;
  for (let point = 0; point <= LAST; point = nextToScan(point)) {
    const inside = !has(SURROGATES, point) && member.test(String.fromCodePoint(point));
    if (inside !== open) set.push(inside ? point : point - 1);
    open = inside;
  }
  return open ? [...set, LAST] : set;
}

/** Beyond the planes in use, code points are alike up to the two non-characters that end each plane. */
function nextToScan(point: number): number {
  const empty = (point >= 0x34000 && point < 0xe0000) || point >= 0xe1000;
  return empty && (point & 0xffff) < 0xfffe ? point | 0xfffe : point + 1;
}

const pointOf = (char: string): number => char.codePointAt(0) ?? 0;
