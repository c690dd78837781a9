// An app with every field type in every place: single, many, in a group, in a list of groups; and values for all of them.
import { fieldTypes } from '../../src/fields/index.ts';
import type { FieldFile } from './small-app.ts';

type Values = Readonly<Record<string, readonly unknown[]>>;

const CHOICES = {
  possibleValues: [
    { name: 'a', label: 'Aaa' },
    { name: 'b', label: 'Bbb' },
  ],
};
const RULES: Readonly<Record<string, object>> = {
  phone: { international: true },
  maskedText: { mask: '999-aaa' },
  choice: CHOICES,
  relationship: { entity: 'targets', copiedFields: ['code', 'info.x', 'lines', 'friend', 'place'] },
};

/** Native values of each type, two different ones. Automatic types have none. */
export const VALUES: Values = {
  text: ['text one', 'Text two'],
  longText: ['line1\nline2', 'ñandú 😀'],
  html: ['<p>hi</p>', '<ul><li>a &amp; b</li></ul>'],
  email: ['user@test.com', 'User.Two@test.com'],
  phone: ['1-702-845-9380', '549-261-654-9862'],
  url: ['http://www.test.com', '(http://www.test.com)<Test>'],
  maskedText: ['862-SKB', '123-abc'],
  qr: ['qr1', 'qr2'],
  boolean: [true, false],
  choice: ['a', 'b'],
  dynamicChoice: [
    { options: [{ label: 'Arizona', name: 'AZ' }], selectedValue: 'AZ' },
    { options: [{ label: 'Alabama', name: 'AL' }], selectedValue: null },
  ],
  integer: [8, -9_007_199_254_740_991],
  decimal: [3.2, 0.000_001],
  bigNumber: ['8.997738199773819977381', '-1234567890123456789012345678901234'],
  money: [80_000, -0.0001],
  percentage: [0.7, 1.2345],
  date: ['2016-07-12', '1999-12-31'],
  dateTime: [1_484_578_380_000, -1],
  dateTimeNoTimezone: ['2016-11-05 19:00', '0001-01-01 00:00'],
  time: ['08:00', '23:59'],
  duration: [10_800_000, -1],
  dateYearMonth: ['2016-07', '9999-12'],
  dateMonthDay: ['04-16', '02-29'],
  geoPoint: [
    { latitude: 10.5, longitude: 12 },
    { latitude: -90, longitude: 180 },
  ],
  color: ['#f5a9a9', '#ABC'],
};

/** Types whose values are made by the server, or depend on other records. */
const IN_GROUPS_ONLY_AS_ONE = new Set(['autoIncrement', 'dateRecordCreated', 'dateRecordModified', 'rank']);

/** Names of all types but groups, which are the places. */
export const TYPES = [...fieldTypes.keys()].filter((name) => name !== 'nestedFields');

/** The types that may stand in a list, and in groups. */
export const PLAIN_TYPES = TYPES.filter((name) => !IN_GROUPS_ONLY_AS_ONE.has(name));

/** Name of the field of a type. */
export const nameOf = (type: string, many = false): string => (many ? `${type}List` : `${type}One`);

function fieldsOf(types: readonly string[], many: boolean): FieldFile[] {
  return types.map((type) => ({
    name: nameOf(type, many),
    type,
    ...(many && { multiplicity: 'many' }),
    ...(RULES[type] && { typeRules: RULES[type] }),
  }));
}

const BOTH = [...fieldsOf(PLAIN_TYPES, false), ...fieldsOf(PLAIN_TYPES, true)];
const inner = {
  name: 'inner',
  type: 'nestedFields',
  multiplicity: 'many',
  nestedFields: [
    { name: 'a', type: 'text' },
    { name: 'b', type: 'integer' },
  ],
};

const TARGETS: FieldFile[] = [
  { name: 'name', type: 'text' },
  { name: 'code', type: 'text', unique: true },
  {
    name: 'info',
    type: 'nestedFields',
    nestedFields: [
      { name: 'x', type: 'integer' },
      { name: 'y', type: 'integer' },
    ],
  },
  { name: 'lines', type: 'nestedFields', multiplicity: 'many', nestedFields: [{ name: 'z', type: 'dateTime' }] },
  { name: 'friend', type: 'relationship', typeRules: { entity: 'targets', copiedFields: ['code'] } },
  { name: 'place', type: 'geoPoint' },
];

/** Entities `all` and `targets`, for `startSmallApp`. */
export const EVERY_TYPE = {
  targets: { recordLabel: 'fields/name', lookupFields: ['code'], fields: TARGETS },
  all: {
    recordLabel: 'fields/textOne',
    fields: [
      ...fieldsOf(TYPES, false),
      ...fieldsOf(PLAIN_TYPES, true),
      { name: 'group', type: 'nestedFields', nestedFields: [...BOTH, inner] },
      { name: 'list', type: 'nestedFields', multiplicity: 'many', nestedFields: [...BOTH, inner] },
    ],
  },
} as const;

/** A group file, so that `group` fields have something to hold. */
export const GROUP_FILES = { 'groups/sales.json': { name: 'sales', label: 'Sales people' } };

/** A body with a value in every field that a body may set; `extra` are the values of types that depend on other records. */
export function everyValue(extra: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown> {
  const values: Values = { ...VALUES, ...extra };
  const ones = Object.fromEntries(Object.entries(values).map(([type, [value]]) => [nameOf(type), value]));
  const lists = Object.fromEntries(Object.entries(values).map(([type, all]) => [nameOf(type, true), all]));
  const group = { ...ones, ...lists, inner: [{ a: 'x', b: 1 }, {}] };
  const others = Object.fromEntries(Object.entries(values).map(([type, all]) => [nameOf(type), all[1] ?? all[0]]));
  return { ...ones, ...lists, group, list: [group, {}, { ...others, inner: [{ a: 'y' }] }] };
}
