// Reads a pattern code point by code point; shared by the two halves of the pattern parser.

/** Why a pattern can't be read; never leaves the pattern modules. */
export class PatternError extends Error {}

/** Groups and classes inside each other; enough for anybody, and far from the end of the stack. */
const MAX_DEPTH = 100;

export class PatternCursor {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  /** Comments mode, `(?x)`: white space and `# …` mean nothing. */
  comments = false;

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  /** False where half of a surrogate pair stands alone. */
  get wellFormed(): boolean {
    return this.#source.isWellFormed();
  }

  /** The code point `ahead` code units from here, without taking it. */
  peek(ahead = 0): string | undefined {
    const point = this.#source.codePointAt(this.#at + ahead);
    return point === undefined ? undefined : String.fromCodePoint(point);
  }

  next(): string {
    const char = this.peek();
    if (char === undefined) return this.fail('it ends too early');
    this.#at += char.length;
    return char;
  }

  /** Takes this text if it comes next. */
  eat(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Takes what a sticky expression finds here; fails when it finds nothing. */
  match(sticky: RegExp): string {
    return this.tryMatch(sticky) ?? this.fail(`\\${this.peek() ?? ''} is not complete`);
  }

  tryMatch(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Takes everything up to a text, and the text too. */
  until(end: string): string {
    const at = this.#source.indexOf(end, this.#at);
    if (at < 0) return this.fail(`"${end}" is missing`);
    const taken = this.#source.slice(this.#at, at);
    this.#at = at + end.length;
    return taken;
  }

  /** The rest of a `\Q…\E` quotation, whose end may be missing. */
  quoted(): string {
    const rest = this.#source.slice(this.#at);
    const end = rest.indexOf('\\E');
    this.#at += end < 0 ? rest.length : end + 2;
    return end < 0 ? rest : rest.slice(0, end);
  }

  skipComments(): void {
    if (this.comments) this.tryMatch(/(?:[ \t\n\v\f\r]|#[^\n\r]*)*/y);
  }

  /** Runs a part of the parser one level deeper. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail('it is nested too deeply');
    const result = read();
    this.#depth--;
    return result;
  }

  fail(reason: string): never {
    throw new PatternError(reason);
  }
}
