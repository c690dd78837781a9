// What a client knows about a record that it alone changes, and whether what the server has agrees with it.

/** A record as the API prints it, of the entities of {@link writeLedgerApp}. */
export interface Found {
  readonly id: string;
  readonly version: number;
  readonly label: string;
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly lines: readonly { readonly n: number }[];
}

export interface Held {
  readonly entity: string;
  readonly name: string;
  id: string | null;
  /** The state that an answer told last. */
  known: { version: number; value: number } | null;
  /** Values that were sent and not answered since the last write that was acknowledged: any of them may be there, or still come. */
  unsure: number[];
  deletion: 'none' | 'unsure' | 'acknowledged';
}

/** The fields of one value: the same number at several places, so that half a write would show. */
export function fieldsOf(value: number): object {
  return { a: value, b: value, lines: [{ n: value }, { n: value }, { n: value }] };
}

/** An acknowledged write: nothing that was sent before can come any more, since it was meant for an older version. */
export function acknowledge(held: Held, { id, version }: { id: string; version: number }, value: number): void {
  Object.assign(held, { id, known: { version, value }, unsure: [], deletion: 'none' });
}

/** A read tells where the record is now. */
export function learn(held: Held, { id, version, a }: Found): void {
  Object.assign(held, { id, known: { version, value: a } });
}

/** Whether somebody may see another version than the known one. */
export function isUnsure({ unsure, deletion }: Held): boolean {
  return unsure.length > 0 || deletion === 'unsure';
}

/** @returns what is wrong about what the server has; null when it is as acknowledged */
export function problemOf(held: Held, found: Found | null): string | null {
  const { name, known, unsure, deletion } = held;
  const problem = (text: string): string => `${name}: ${text}; ${JSON.stringify({ held, found })}`;
  if (!found) return known && deletion === 'none' ? problem('an acknowledged record is gone') : null;
  if (deletion === 'acknowledged') return problem('a deleted record is back');
  const { version, a, b, lines, label } = found;
  const whole = b === a && lines.length === 3 && lines.every(({ n }) => n === a) && label === `${name} ${a}`;
  if (!whole) return problem('half a write');
  if (known && version === known.version)
    return a === known.value ? null : problem('another value at the same version');
  if (known && version < known.version) return problem('an acknowledged version is gone');
  if (!unsure.includes(a)) return problem('a value that nobody sent');
  return version - (known?.version ?? -1) <= unsure.length ? null : problem('more versions than writes');
}
