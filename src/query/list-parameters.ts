// Query parameters of the lists that are not of records (jobs, logs, audit logs): how each kind is read (spec auth-jobs-logs-files §1, §1.1).
import { ObjectId } from 'mongodb';
import { badRequest } from '../errors.ts';
import type { QueryPairs } from './list.ts';

/** Where a page begins. */
export type Start =
  | { readonly kind: 'first' }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'after'; readonly id: ObjectId };

export interface Page {
  readonly size: number;
  readonly start: Start;
}

/** A page of a list; `offset` leads to the next one. */
export interface PageOf<T> {
  readonly total: number;
  readonly offset?: string;
  readonly items: readonly T[];
}

const MAX_SIZE = 1_000;

/** Parameters by name; the last one of a name counts, blank ones count as absent. */
export function readParameters(pairs: QueryPairs) {
  const given = new Map<string, string>();
  for (const [name, value] of pairs) given.set(name, value.trim());
  const textOf = (name: string): string | null => given.get(name) || null;

  const integerOf = (name: string): number | null => {
    const value = textOf(name);
    if (value === null) return null;
    if (!/^-?\d{1,15}$/.test(value)) throw badRequest(`[${name}] must be an integer: milliseconds since 1970`);
    return Number(value);
  };

  return {
    text: textOf,

    boolean(name: string): boolean | null {
      const value = textOf(name);
      if (value === null) return null;
      if (value !== 'true' && value !== 'false') throw badRequest(`[${name}] must be true or false`);
      return value === 'true';
    },

    /** Items of a comma list; null when there are none. */
    list<T extends string>(name: string, allowed: (item: string) => item is T): readonly T[] | null {
      const items = (textOf(name) ?? '').split(',').flatMap((item) => item.trim() || []);
      return items.length === 0
        ? null
        : items.map((item) => {
            if (allowed(item)) return item;
            throw badRequest(`[${name}] must not contain [${item.slice(0, 100)}]`);
          });
    },

    /** Both ends inclusive, each alone or both; null without any. */
    between(from: string, to: string): { $gte?: Date; $lte?: Date } | null {
      const [first, last] = [integerOf(from), integerOf(to)];
      if (first === null && last === null) return null;
      return {
        ...(first === null ? {} : { $gte: new Date(first) }),
        ...(last === null ? {} : { $lte: new Date(last) }),
      };
    },

    page(defaultSize: number): Page {
      const size = textOf('_size');
      if (size !== null && !/^\d{1,15}$/.test(size))
        throw badRequest('[_size] must be an integer that is not negative');
      return {
        size: Math.min(size === null ? defaultSize : Number(size), MAX_SIZE),
        start: startOf(textOf('_offset')),
      };
    },
  };
}

export type Parameters = ReturnType<typeof readParameters>;

function startOf(offset: string | null): Start {
  if (offset === null) return { kind: 'first' };
  if (/^\d{1,9}$/.test(offset)) return { kind: 'skip', count: Number(offset) };
  if (/^[0-9a-f]{24}$/.test(offset)) return { kind: 'after', id: ObjectId.createFromHexString(offset) };
  throw badRequest('[_offset] must be the offset of the page before, or a number of elements to skip');
}

/** How many elements to skip for a page. */
export const skipOf = (start: Start): number => (start.kind === 'skip' ? start.count : 0);

/** The filter of a partial match: the text itself anywhere, in any case (spec auth-jobs-logs-files §7.2). */
export function containing(text: string): { readonly $regex: string; readonly $options: 'i' } {
  return { $regex: text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), $options: 'i' };
}
