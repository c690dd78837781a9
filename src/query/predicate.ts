// Predicates: the few primitive tests that every filter, condition and access rule becomes. Field types compile operators into
// them; the two evaluators (MongoDB and in memory) know only these, so that both mean the same.
import type { SafePattern } from '../fields/pattern.ts';

/**
 * A test on a stored record document. `path` is a storage path without indexes (`data.addresses.zipCode`, `_id`, `label`).
 * A path through lists yields the values of all elements; a test holds when ANY value passes; a list at the end is its elements.
 * Values are stored values (ObjectId, Decimal128, Date, string, number, boolean), never operands as typed.
 */
export type Predicate =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | { readonly kind: 'or'; readonly of: readonly Predicate[] }
  /** True where the inner one is false, so "no element passes" for tests on lists. */
  | { readonly kind: 'not'; readonly of: Predicate }
  /** Any value equals any of `values`. */
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly unknown[] }
  /** Any single value lies inside all given bounds; values of other BSON types and empties never do. */
  | {
      readonly kind: 'range';
      readonly path: string;
      readonly gt?: unknown;
      readonly gte?: unknown;
      readonly lt?: unknown;
      readonly lte?: unknown;
    }
  /** Any string value matches. */
  | { readonly kind: 'match'; readonly path: string; readonly pattern: SafePattern }
  /** Null, missing, or an empty list. */
  | { readonly kind: 'empty'; readonly path: string }
  /** One and the same element of the list (or the single object) at `path` passes; inner paths start at the element. */
  | { readonly kind: 'element'; readonly path: string; readonly of: Predicate }
  /** Geo distance in metres from a point; orders the result nearest first where it is the top-level filter. */
  | {
      readonly kind: 'near';
      readonly path: string;
      readonly longitude: number;
      readonly latitude: number;
      readonly min: number | null;
      readonly max: number | null;
    }
  /** Full-text search on the collection's text index. */
  | { readonly kind: 'text'; readonly search: string };

export const ALL: Predicate = { kind: 'all' };
export const NONE: Predicate = { kind: 'none' };

/** AND, flattened and with the neutral and absorbing members removed. */
export function and(of: readonly Predicate[]): Predicate {
  return combine('and', of, ALL, NONE);
}

/** OR, flattened and with the neutral and absorbing members removed. */
export function or(of: readonly Predicate[]): Predicate {
  return combine('or', of, NONE, ALL);
}

export function not(of: Predicate): Predicate {
  if (of.kind === 'all') return NONE;
  if (of.kind === 'none') return ALL;
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

function combine(kind: 'and' | 'or', of: readonly Predicate[], neutral: Predicate, absorbing: Predicate): Predicate {
  const members: Predicate[] = [];
  for (const member of of) {
    if (member.kind === absorbing.kind) return absorbing;
    if (member.kind === neutral.kind) continue;
    if (member.kind === kind) members.push(...member.of);
    else members.push(member);
  }
  if (members.length === 0) return neutral;
  const [only] = members;
  return members.length === 1 && only ? only : { kind, of: members };
}
