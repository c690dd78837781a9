// ScriptException and sys.exceptions (spec scripting-api §1.12).

/** Codes by the names that scripts use. */
const CODES = {
  VALIDATION_ERRORS: 'validationErrors',
  BAD_REQUEST_ERROR: 'badRequest',
  ACCESS_FORBIDDEN_ERROR: 'forbidden',
  NOT_FOUND_ERROR: 'notFound',
  OPTIMISTIC_LOCKING_ERROR: 'optimisticLocking',
  TIMEOUT_ERROR: 'timeout',
  SYSTEM_ERROR: 'systemException',
  JAVASCRIPT_ERROR: 'javascriptException',
  ENDPOINT_ERROR: 'endpointException',
  UNKNOWN_ERROR: 'unknownError',
} as const;

let codeOf: (exception: ScriptException) => string;
let textOf: (exception: ScriptException) => string;

/** An error with a code of its own; `message` is a function that also reads as its text, since scripts use it both ways. */
export class ScriptException extends Error {
  readonly #code: string;
  readonly #text: string;
  additionalInfo: unknown;

  static {
    codeOf = (exception) => exception.#code;
    textOf = (exception) => exception.#text;
  }

  constructor(code: unknown, message: unknown, additionalInfo: unknown = {}) {
    const text = String(message);
    super(text);
    this.#code = String(code);
    this.#text = text;
    this.additionalInfo = additionalInfo;
    Object.defineProperty(this, 'message', {
      value: Object.assign(() => text, { toString: () => text, valueOf: () => text, toJSON: () => text }),
      writable: true,
      configurable: true,
    });
  }

  code(): string {
    return this.#code;
  }

  throw(): never {
    throw this;
  }

  override toString(): string {
    return `${this.#code}: ${this.#text}`;
  }
}

export function badRequest(message: string): ScriptException {
  return new ScriptException(CODES.BAD_REQUEST_ERROR, message);
}

/** Code and text of a ScriptException, whatever the script did to its properties; null for anything else. */
export function inside(thrown: unknown): { code: string; text: string } | null {
  return thrown instanceof ScriptException ? { code: codeOf(thrown), text: textOf(thrown) } : null;
}

/** `sys.exceptions`. */
export const exceptions = {
  ...CODES,
  ScriptException,
  getCode: (thrown: unknown): string | null => inside(thrown)?.code ?? null,
  getMessage(thrown: unknown): string {
    const exception = inside(thrown);
    if (exception) return exception.text;
    if (thrown instanceof Error) return String(thrown.message);
    if (typeof thrown === 'object' && thrown !== null) return JSON.stringify(thrown);
    return String(thrown);
  },
  getAdditionalInfo: (thrown: unknown): unknown => (inside(thrown) ? (thrown as ScriptException).additionalInfo : {}),
  throwException(code: unknown, message: unknown): never {
    throw new ScriptException(code, message);
  },
};
