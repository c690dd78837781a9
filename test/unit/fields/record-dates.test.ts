// Record dates: server-made, and the time in the id for records that were stored before the field existed.
import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { type OperatorName, Problem } from '../../../src/fields/field-type.ts';
import { matches } from '../../../src/query/matches.ts';
import { compileOperator, ENV, fieldOf } from '../../support/fields.ts';

const field = fieldOf({ type: 'dateRecordCreated' });
const SECOND = 1_468_348_200;
const withValue = (ms: number) => ({ _id: ObjectId.createFromTime(1), data: { value: new Date(ms) } });
const withoutValue = (seconds: number) => ({ _id: ObjectId.createFromTime(seconds), data: {} });

function finds(operator: OperatorName, operands: readonly (string | number)[], record: object): boolean {
  const predicate = compileOperator(field, operator, operands);
  if (predicate instanceof Problem) throw new Error(predicate.message);
  return matches(predicate, record);
}

test('the type says how its value is made and what stands for a missing one', () => {
  expect(field.type).toMatchObject({ automatic: true, lifecycle: 'created' });
  expect(fieldOf({ type: 'dateRecordModified' }).type).toMatchObject({ automatic: true, lifecycle: 'modified' });
  expect(field.type.absent?.({ _id: ObjectId.createFromTime(SECOND) })).toEqual(new Date(SECOND * 1000));
});

describe('filters read the id of records without a value exactly as they would read the value', () => {
  const operators: readonly OperatorName[] = [
    'equals',
    'notEquals',
    'greater',
    'greaterOrEquals',
    'less',
    'lessOrEquals',
  ];
  const offsets = [-1000, -999, -1, 0, 1, 999, 1000];

  test.for(operators)('%s', (operator) => {
    for (const offset of offsets) {
      const operand = SECOND * 1000 + offset;
      expect(finds(operator, [operand], withoutValue(SECOND))).toBe(
        finds(operator, [operand], withValue(SECOND * 1000)),
      );
    }
  });

  test('between, days and keywords', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: -5000, max: 5000 }), (second, offset) => {
        const [a, b] = [second * 1000 + offset, second * 1000 + offset + 1500];
        expect(finds('between', [a, b], withoutValue(second))).toBe(finds('between', [a, b], withValue(second * 1000)));
      }),
    );
    for (const day of ['today', 'last 3 days', '2016-07-12', '2016-07']) {
      for (const second of [SECOND - 86_400, SECOND, SECOND + 86_400]) {
        expect(finds('equals', [day], withoutValue(second))).toBe(finds('equals', [day], withValue(second * 1000)));
      }
    }
  });

  test('far outside of what ids can hold', () => {
    expect(finds('less', [1e15], withoutValue(SECOND))).toBe(true);
    expect(finds('greater', [1e15], withoutValue(SECOND))).toBe(false);
    expect(finds('greater', [-1e15], withoutValue(0))).toBe(true);
    expect(finds('less', [-1e15], withoutValue(0))).toBe(false);
  });
});

test('no record is without such a date', () => {
  for (const record of [withValue(5), withoutValue(SECOND)]) {
    expect(finds('empty', [], record)).toBe(false);
    expect(finds('notEmpty', [], record)).toBe(true);
  }
});

test('a value counts more than the id', () => {
  const record = { _id: ObjectId.createFromTime(SECOND), data: { value: new Date(5) } };
  expect(finds('equals', [SECOND * 1000], record)).toBe(false);
  expect(finds('equals', [5], record)).toBe(true);
});

test('a copy of such a date is not read from the id of the record that holds the copy', () => {
  const path = 'data.company.availableFields.created';
  const predicate = field.type.operators.notEmpty?.([], field, path, ENV);
  if (!predicate || predicate instanceof Problem) throw new Error('no test');
  expect(matches(predicate, withoutValue(SECOND))).toBe(false);
});
