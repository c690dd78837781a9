// Choices with fixed options, and dynamic ones that carry their options in the value.
import type { Json } from '../../../fields/field-type.ts';
import { badRequest } from '../exceptions.ts';
import { isObject, type JsonObject } from '../native.ts';
import type { TypeRule } from '../shape.ts';
import { placeOf, Wrapper } from '../wrapper.ts';
import { text } from './text.ts';

class ChoiceWrapper extends Wrapper {
  label(): string | null {
    const { shape } = placeOf(this);
    const name = placeOf(this).value();
    return typeof name === 'string' ? (shape.choices.get(name) ?? name) : null;
  }
}

export const choice: TypeRule = { ...text, wrapper: ChoiceWrapper };

interface Option {
  readonly name: string;
  readonly label: string;
}

class DynamicChoiceWrapper extends Wrapper {
  selectedValue(...written: unknown[]): string | null | undefined {
    const options = this.#options();
    if (written.length === 0) return this.#selected();
    const selected = written[0] === null || written[0] === undefined ? null : String(written[0]);
    placeOf(this).store({ options: options as unknown as Json, selectedValue: selected });
    return undefined;
  }

  selectedLabel(): string | null {
    const selected = this.#selected();
    return this.#options().find(({ name }) => name === selected)?.label ?? null;
  }

  options(...written: unknown[]): Option[] | undefined {
    if (written.length === 0) return this.#options();
    placeOf(this).store({ options: readOptions(written[0]) as unknown as Json, selectedValue: this.#selected() });
    return undefined;
  }

  #selected(): string | null {
    const json = placeOf(this).value();
    return isObject(json) && typeof json.selectedValue === 'string' ? json.selectedValue : null;
  }

  #options(): Option[] {
    const json = placeOf(this).value();
    return isObject(json) ? readOptions(json.options) : [];
  }
}

function readOptions(value: unknown): Option[] {
  if (!Array.isArray(value)) throw badRequest('Options must be a list of {name, label}');
  return value.map((option: unknown) => {
    if (!isObject(option) || typeof option.name !== 'string')
      throw badRequest('Options must be a list of {name, label}');
    return { name: option.name, label: typeof option.label === 'string' ? option.label : option.name };
  });
}

export const dynamicChoice: TypeRule = {
  read(json) {
    const { options, selectedValue } = json as JsonObject;
    return { options: readOptions(options ?? []), selectedValue: selectedValue ?? null };
  },
  write(value) {
    if (typeof value === 'string') return { options: [{ name: value, label: value }], selectedValue: value };
    if (!isObject(value)) throw badRequest('A dynamic choice must be {options, selectedValue} or a string');
    const { selectedValue } = value;
    return {
      options: readOptions(value.options ?? []) as unknown as Json,
      selectedValue: selectedValue === null || selectedValue === undefined ? null : String(selectedValue),
    };
  },
  isEmpty: (json) => !isObject(json) || (json.selectedValue ?? null) === null,
  text: (json) => String(isObject(json) ? (json.selectedValue ?? '') : ''),
  wrapper: DynamicChoiceWrapper,
};
