// Every field type has its look for scripts, and a value that is read and written back stays what it was.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/fields/field-type.ts';
import { fieldTypes } from '../../../src/fields/index.ts';
import { prepareEntity, type Shape } from '../../../src/scripts/runtime/shape.ts';
import { ruleOf, TYPE_NAMES } from '../../../src/scripts/runtime/types/index.ts';
import { entityShape } from '../../../src/scripts/shape.ts';
import { COMPANIES, CONTACTS } from '../../support/scripts.ts';

const MOMENT = { zone: 'America/New_York' };

test('the sandbox knows the types of the field table, and no others', () => {
  expect([...TYPE_NAMES].sort()).toEqual([...fieldTypes.keys()].sort());
});

function shapeOf(type: string): Shape {
  const { fields } = prepareEntity({ id: '', name: 'e', fields: [{ name: 'f', label: 'F', type }] }, ruleOf);
  return fields.get('f') as Shape;
}

/** Native values of spec field-types §1. */
const NATIVE: readonly [type: string, ...values: Json[]][] = [
  ['text', 'test1', 'línea\n2'],
  ['phone', '1-702-845-9380', '702-845-9380', '845-9380', '123'],
  ['url', 'http://www.test.com', '(http://www.test.com)<Test>'],
  ['maskedText', '862-SKB'],
  ['boolean', true, false],
  ['choice', 'active'],
  ['dynamicChoice', { options: [{ name: 'AZ', label: 'Arizona' }], selectedValue: 'AZ' }],
  ['integer', 8, -3],
  ['decimal', 3.2],
  ['bigNumber', '8.997738199773819977381', '-0.5', '100000000000000000000000000000000'],
  ['percentage', 0.7],
  ['date', '2016-07-12', '1900-02-28', '0099-01-01'],
  ['dateTime', 1_484_578_380_000, -1],
  ['dateTimeNoTimezone', '2016-11-05 19:00'],
  ['time', '08:00'],
  ['duration', 10_800_000],
  ['dateYearMonth', '2016-07'],
  ['dateMonthDay', '04-16', '02-29'],
  ['relationship', { id: '57fd2d61e4b0ce322b0c8349', label: 'Fivechat' }],
  ['group', { id: '57fe2d61e4b0ce322b0c8349', label: 'Read-only user' }],
  ['fileUpload', { id: '5886cd00e4b0ce322b0c8349', name: 'logo.png (41.5kB)' }],
  ['geoPoint', { latitude: 10.5, longitude: 12 }],
  ['color', '#f5a9a9'],
  ['rank', 'iiiii00000'],
];

describe('reading and writing back', () => {
  const rows = NATIVE.flatMap(([type, ...values]) => values.map((value) => ({ type, value })));
  test.for(rows)('$type $value', ({ type, value }) => {
    const shape = shapeOf(type);
    const read = shape.rule.read(value, shape);
    expect(shape.rule.write(read, shape, MOMENT)).toEqual(value);
  });
});

test.for<[type: string, written: unknown]>([
  ['integer', 'x'],
  ['integer', {}],
  ['integer', Number.NaN],
  ['decimal', ''],
  ['bigNumber', 'abc'],
  ['bigNumber', true],
  ['date', 'nonsense'],
  ['date', new Date(Number.NaN)],
  ['date', {}],
  ['dateTime', Number.POSITIVE_INFINITY],
  ['time', '25:00'],
  ['duration', '3h'],
  ['phone', 'none'],
])('%s takes %s as nothing', ([type, written]) => {
  const shape = shapeOf(type);
  expect(shape.rule.write(written, shape, MOMENT)).toBeNull();
});

test('a descriptor names what wrappers need, copied fields as a tree, and ends where entities refer to themselves', () => {
  const shape = entityShape(CONTACTS);
  expect(shape.fields.find(({ name }) => name === 'company')).toMatchObject({
    type: 'relationship',
    entity: 'companies',
    copied: [
      {
        name: 'state',
        choices: [
          ['active', 'Active'],
          ['inactive', 'Inactive'],
        ],
      },
      { name: 'contactInformation', fields: [{ name: 'email', type: 'email' }] },
    ],
  });
  const [first] = COMPANIES.fields;
  if (!first) throw new Error('companies have fields');
  const boss = { ...first, name: 'boss', relationship: { entity: 'companies', copiedFields: [] as unknown[] } };
  boss.relationship.copiedFields.push(boss);
  const nested = JSON.stringify(entityShape({ ...COMPANIES, fields: [boss as unknown as typeof first] }));
  expect(nested.match(/"boss"/g)?.length).toBe(5);
});
