// The code that runs inside an isolate, as text: the modules of runtime/ with their types removed, and bignumber.js.
import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { extname, join, posix } from 'node:path';

export interface RuntimeModule {
  readonly name: string;
  readonly code: string;
}

/** Prefix of the runtime's file names in stack traces. */
export const RUNTIME_PREFIX = 'trebuchet:';

const EXTENSION = extname(import.meta.url);

const known = new Map<string, RuntimeModule>();

/** The runtime's module of a name, such as `runtime/main` or `bignumber.js`; read once. */
export function runtimeModule(name: string): RuntimeModule {
  let module = known.get(name);
  if (!module) {
    module = readModule(name);
    known.set(name, module);
  }
  return module;
}

function readModule(name: string): RuntimeModule {
  if (name === 'bignumber.js') return { name, code: readFileSync(bigNumberFile(), 'utf8') };
  const text = readFileSync(join(import.meta.dirname, name + EXTENSION), 'utf8');
  return { name, code: EXTENSION === '.ts' ? stripTypeScriptTypes(text) : text };
}

/** The name that an import inside a runtime module means. */
export function runtimeName(specifier: string, importer: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(importer), specifier).slice(0, -EXTENSION.length);
}

/** The ES module of bignumber.js, beside the one that `require` finds. */
export function bigNumberFile(): string {
  const main = createRequire(import.meta.url).resolve('bignumber.js');
  return join(main, '..', 'bignumber.mjs');
}
