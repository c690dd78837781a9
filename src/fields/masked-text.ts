// `maskedText`: text under a mask such as `999-aaa`, stored without the mask's fixed characters (spec field-types §4.7).
import type { Decoded, FieldType, Json, OptionReader } from './field-type.ts';
import { emptiness, equality, like, ordered } from './operators.ts';
import { invalid } from './problems.ts';
import { decodeString, parseText, stringValue, TEXT_SUPPORTS } from './string-value.ts';

export interface Mask {
  readonly written: string;
  /** Characters of the mask; a slot has the test for what fills it. */
  readonly parts: readonly { readonly char: string; readonly slot: RegExp | null }[];
}

const SLOTS: Readonly<Record<string, RegExp>> = { 9: /^[0-9]$/, a: /^[A-Za-z]$/, w: /^[A-Za-z0-9]$/ };

function readMask({ rules, error }: OptionReader): Mask {
  const written = typeof rules.mask === 'string' ? rules.mask : '';
  const parts = Array.from(written, (char) => ({ char, slot: (Object.hasOwn(SLOTS, char) && SLOTS[char]) || null }));
  if (!parts.some(({ slot }) => slot)) error('typeRules.mask', 'must be a text with 9, a or w in it');
  return { written, parts };
}

/** The characters in the slots, if the text fills the whole mask; with its fixed characters, else without them. */
function bareOf(text: string, { parts }: Mask): string | null {
  return (
    fill(Array.from(text), parts) ??
    fill(
      Array.from(text),
      parts.filter(({ slot }) => slot),
    )
  );
}

function fill(chars: readonly string[], parts: Mask['parts']): string | null {
  if (chars.length !== parts.length) return null;
  const fits = parts.every(({ char, slot }, i) => (slot ? slot.test(chars[i] ?? '') : char === chars[i]));
  return fits ? chars.filter((_, i) => parts[i]?.slot).join('') : null;
}

/** The text under the mask. Values stored under a mask of another length lose nothing. */
function masked(bare: string, { parts }: Mask): string {
  const chars = Array.from(bare);
  const slots = parts.filter(({ slot }) => slot).length;
  let shown = '';
  for (const { char, slot } of parts) {
    // a fixed character closes a mask that is full, but stands in no gap
    if (chars.length === 0 && (slot || Array.from(bare).length < slots)) break;
    shown += slot ? chars.shift() : char;
  }
  return shown + chars.join('');
}

/** A text that fills the mask. */
const sampleOf = ({ parts }: Mask): string => parts.map(({ char, slot }) => (slot ? FILLERS[char] : char)).join('');
const FILLERS: Readonly<Record<string, string>> = { 9: '7', a: 'B', w: 'C' };

function decode(input: Json, mask: Mask): Decoded<string> {
  const text = decodeString(input);
  if (text === null || typeof text !== 'string') return text;
  return bareOf(text, mask) ?? invalid(`Value does not match mask ${mask.written}`, input);
}

/** Operands in either form; one that fits neither matches no value. */
const parse: Parameters<typeof equality<Mask>>[0] = (operand, { options }) =>
  parseText((text) => bareOf(text, options) ?? text)(operand);

export const maskedText: FieldType<Mask, string> = {
  ...stringValue,
  name: 'maskedText',
  supports: TEXT_SUPPORTS,
  options: readMask,
  decode: (input, { options }) => decode(input, options),
  fromCsv: (cell, { options }) => decode(cell, options),
  check: () => null,
  encode: (value, { options }) => masked(value, options),
  plainText: (value, { options }) => masked(value, options),
  toCsv: (value, { options }) => masked(value, options),
  operators: {
    ...equality(parse),
    ...emptiness<Mask>(),
    ...ordered(parse),
    // on the stored characters alone: `like(3-A)` finds nothing under 999-aaa
    ...like<Mask>(),
  },
  schema: ({ options }) => ({ type: 'string', examples: [sampleOf(options)] }),
};
