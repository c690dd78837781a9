// Reads JSON whose keys and values may stand without quotes, as the cells of dynamic choices do (spec field-types §4.11).
import type { Json } from './field-type.ts';

/** Objects and lists inside each other. */
const MAX_DEPTH = 20;

/**
 * Strict JSON, else the relaxed form: a bare value runs to the next `,`, `}` or `]` and is a string, but for `null`.
 * @returns undefined for text that is neither
 */
export function readRelaxed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return new Reader(text).read();
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Json | undefined {
    const value = this.#value(0);
    this.#blanks();
    return this.#at === this.#text.length ? value : undefined;
  }

  #value(depth: number): Json | undefined {
    this.#blanks();
    if (depth > MAX_DEPTH) return undefined;
    if (this.#eat('{')) return this.#object(depth);
    if (this.#eat('[')) return this.#list(depth);
    const word = this.#word(/[^,\]}]*/y);
    return word === 'null' ? null : word;
  }

  #object(depth: number): Json | undefined {
    const entries: [string, Json][] = [];
    while (!this.#eat('}')) {
      if (entries.length > 0 && !this.#eat(',')) return undefined;
      const key = this.#word(/[^:,{}[\]]*/y);
      if (!this.#eat(':')) return undefined;
      const value = this.#value(depth + 1);
      if (value === undefined) return undefined;
      entries.push([key, value]);
    }
    return Object.fromEntries(entries);
  }

  #list(depth: number): Json | undefined {
    const items: Json[] = [];
    while (!this.#eat(']')) {
      if (items.length > 0 && !this.#eat(',')) return undefined;
      const item = this.#value(depth + 1);
      if (item === undefined || this.#at === this.#text.length) return undefined;
      items.push(item);
    }
    return items;
  }

  /** A word without the blanks around it, or a string in quotes. */
  #word(bare: RegExp): string {
    this.#blanks();
    const quoted = this.#match(/"(?:[^"\\]|\\.)*"(?=\s*[:,\]}])/y);
    if (quoted === undefined) return (this.#match(bare) ?? '').trim();
    try {
      return String(JSON.parse(quoted));
    } catch {
      return quoted;
    }
  }

  #eat(char: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #blanks(): void {
    this.#match(/\s*/y);
  }

  #match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
