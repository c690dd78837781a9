// Ids and versions of entities and groups, which outlive the process.
import { hashOf } from './hash.ts';

export interface Identities {
  /** By full name. */
  readonly entities: ReadonlyMap<string, { readonly id: string; readonly version: number }>;
  /** Group name -> 24-hex id. */
  readonly groups: ReadonlyMap<string, string>;
}

/** Identities for checking definitions where there is no database: made from the names, the same every time. */
export function provisionalIdentities(entities: Iterable<string>, groups: Iterable<string>): Identities {
  return {
    entities: new Map(Array.from(entities, (name) => [name, { id: idOf('entity', name), version: 0 }])),
    groups: new Map(Array.from(groups, (name) => [name, idOf('group', name)])),
  };
}

function idOf(kind: string, name: string): string {
  return hashOf(kind, name).slice(0, 24);
}
