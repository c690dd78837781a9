// `autoIncrement`: a number that the server gives on create; the counter itself is the write path's (spec field-types §4.17).
import type { FieldType } from './field-type.ts';
import { integerValue } from './integer.ts';

export interface AutoIncrementOptions {
  readonly minValue: number;
}

const FIRST = 1;

export const autoIncrement: FieldType<AutoIncrementOptions, number> = {
  ...integerValue,
  name: 'autoIncrement',
  supports: {
    many: false,
    default: false,
    unique: false,
    required: false,
    indexable: true,
    sensitive: true,
    calculated: false,
    aggregatable: true,
  },
  automatic: true,
  lifecycle: 'sequence',
  sequenceFrom: ({ options }) => options.minValue,
  options: (reader) => {
    const value = reader.rules.minValue ?? FIRST;
    const minValue = integerValue.decode(typeof value === 'number' || typeof value === 'string' ? value : true);
    if (typeof minValue === 'number') return { minValue: Math.max(minValue, FIRST) };
    reader.error('typeRules.minValue', 'must be an integer');
    return { minValue: FIRST };
  },
  check: () => null,
  plainText: (value) => String(value),
  uniqueKey: null,
  schema: () => ({ type: 'integer', readOnly: true }),
};
