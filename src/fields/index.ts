// The table of field types: the one place that knows them all. A new type is a file and a line here.
import type { FieldType } from './field-type.ts';
import { longText } from './long-text.ts';
import { qr } from './qr.ts';
import { text } from './text.ts';

const types: readonly FieldType[] = [text, longText, qr];

/** Canonical name to type (spec field-types §1). */
export const fieldTypes: ReadonlyMap<string, FieldType> = new Map(types.map((type) => [type.name, type]));

/** Other spellings, already normalized (spec field-types §2.1). */
const ALIASES: Readonly<Record<string, string>> = {
  file: 'fileUpload',
  timeduration: 'duration',
  yearmonth: 'dateYearMonth',
  monthday: 'dateMonthDay',
  user: 'relationship',
  users: 'relationship',
  nested: 'nestedFields',
  qrcode: 'qr',
};

const byNormalizedName: ReadonlyMap<string, FieldType> = new Map([
  ...types.map((type): [string, FieldType] => [normalize(type.name), type]),
  ...Object.entries(ALIASES).flatMap(([alias, name]): [string, FieldType][] => {
    const type = fieldTypes.get(name);
    return type ? [[alias, type]] : [];
  }),
]);

/** The type of any accepted spelling: `LONG_TEXT`, `date-time`, `nested`; undefined when there is none. */
export function resolveFieldType(name: string): FieldType | undefined {
  return byNormalizedName.get(normalize(name));
}

/** True for `user` and `users`: a relationship whose entity is `sys.users`, whatever its `typeRules` say. */
export function isUserAlias(name: string): boolean {
  return normalize(name) === 'user' || normalize(name) === 'users';
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/[_\- ]/g, '');
}
