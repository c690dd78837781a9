// `dynamicChoice`: a choice whose options belong to the record (spec field-types §4.11).
import { type Decoded, type FieldType, type Json, Problem } from './field-type.ts';
import { emptiness, equality, like, operandText } from './operators.ts';
import { invalid, wrongStructure } from './problems.ts';
import { readRelaxed } from './relaxed-json.ts';
import { stringValue, TEXT_SUPPORTS } from './string-value.ts';

interface Option {
  readonly label: string;
  readonly name: string;
}

export interface StoredChoice {
  readonly options: readonly Option[];
  readonly selectedValue: string | null;
  /** Label of the selection, for `like`. */
  readonly selectedLabel: string | null;
}

const structure = (input: Json): Problem => new Problem('invalidStructure', 'Invalid structure', input);

function decode(input: Json, stored: StoredChoice | null): Decoded<StoredChoice> {
  if (input === null) return null;
  if (Array.isArray(input)) return wrongStructure(input);
  if (typeof input === 'object') return decodeObject(input as { readonly [key: string]: Json }, stored);
  return select(String(input), stored?.options ?? null, input);
}

/** The options that are sent, else those of the record, and a selection among them. */
function decodeObject(
  input: { readonly [key: string]: Json | undefined },
  stored: StoredChoice | null,
): Decoded<StoredChoice> {
  if (!Object.hasOwn(input, 'options') && !Object.hasOwn(input, 'selectedValue')) return structure(input);
  const written = Object.hasOwn(input, 'options') ? (input.options ?? null) : null;
  const sent = written === null ? null : readOptions(written);
  if (sent === undefined) return structure(input);
  const options = sent ?? stored?.options ?? null;
  const value = Object.hasOwn(input, 'selectedValue') ? (input.selectedValue ?? null) : keptSelection(options, stored);
  if (value !== null && typeof value !== 'string') return structure(input);
  if (value !== null && value.trim() !== '' && options && !optionNamed(options, value)) {
    return invalid('Not a valid choice', value);
  }
  return select(value ?? '', options, input);
}

function readOptions(written: Json): readonly Option[] | undefined {
  if (!Array.isArray(written)) return undefined;
  const options: Option[] = [];
  for (const option of written as readonly Json[]) {
    if (option === null || typeof option !== 'object' || Array.isArray(option)) return undefined;
    const { name, label } = option as { readonly [key: string]: Json | undefined };
    if (typeof name !== 'string' || typeof label !== 'string') return undefined;
    options.push({ label: label.toWellFormed(), name: name.toWellFormed() });
  }
  return options;
}

/** Options sent without a selection leave the selection as it is, as long as it is among them. */
function keptSelection(options: readonly Option[] | null, stored: StoredChoice | null): string | null {
  const selected = stored?.selectedValue ?? null;
  return selected !== null && options && optionNamed(options, selected) ? selected : null;
}

/** A name outside of the options replaces them by itself: clients may send plain names. */
function select(written: string, options: readonly Option[] | null, input: Json): Decoded<StoredChoice> {
  const name = written.toWellFormed();
  if (name.trim() === '') {
    if (typeof input !== 'object' || !options || options.length === 0) return null;
    return { options, selectedValue: null, selectedLabel: null };
  }
  const known = options && optionNamed(options, name);
  const option = known ?? { label: name, name };
  return { options: known && options ? options : [option], selectedValue: name, selectedLabel: option.label };
}

function optionNamed(options: readonly Option[], name: string): Option | undefined {
  return options.find((option) => option.name === name.toWellFormed());
}

/** Strict JSON, the relaxed form with bare words, or a bare name. */
function fromCsv(cell: string): Decoded<StoredChoice> {
  const text = cell.trim();
  if (!text.startsWith('{')) return decode(cell, null);
  const value = readRelaxed(text);
  return value === undefined ? structure(cell) : decode(value, null);
}

const NAME = '.selectedValue';

const nameOperators = {
  ...equality<null>(operandText, { suffix: NAME, emptySuffix: NAME }),
  ...emptiness<null>({ suffix: NAME }),
};

export const dynamicChoice: FieldType<null, StoredChoice> = {
  ...stringValue,
  name: 'dynamicChoice',
  supports: { ...TEXT_SUPPORTS, unique: false, indexable: false },
  textLike: false,
  options: () => null,
  decode: (input, _field, _env, stored) => decode(input, stored),
  fromCsv,
  check: () => null,
  encode: ({ options, selectedValue }) => ({
    options: options.map(({ label, name }) => ({ label, name })),
    selectedValue,
  }),
  plainText: ({ selectedLabel }) => selectedLabel ?? '',
  toCsv: ({ selectedValue }) => selectedValue ?? '',
  equal: (a, b) => a.selectedValue === b.selectedValue && sameOptions(a.options, b.options),
  isEmpty: ({ selectedValue }) => selectedValue === null,
  operators: { ...nameOperators, ...like<null>({ suffixes: [NAME, '.selectedLabel'] }) },
  subPaths: { selectedValue: { ...nameOperators, ...like<null>({ suffixes: [NAME] }) } },
  order: { sort: NAME, group: NAME, minMax: false, firstLast: false },
  uniqueKey: null,
  indexSuffixes: [],
  schema: () => ({
    type: 'object',
    examples: [{ options: [{ label: 'Arizona', name: 'AZ' }], selectedValue: 'AZ' }],
    properties: {
      options: {
        type: 'array',
        items: {
          type: 'object',
          properties: { label: { type: 'string' }, name: { type: 'string' } },
          required: ['label', 'name'],
        },
      },
      selectedValue: { type: ['string', 'null'] },
    },
    required: ['options', 'selectedValue'],
  }),
};

function sameOptions(a: readonly Option[], b: readonly Option[]): boolean {
  return a.length === b.length && a.every(({ name, label }, i) => b[i]?.name === name && b[i]?.label === label);
}
