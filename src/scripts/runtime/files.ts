// The app's source files: one scope each, evaluated once, when a function of it is first needed (spec scripting-api §0.2).
import type { HostFile } from '../protocol.ts';

type AnyFunction = (...args: unknown[]) => unknown;

interface Scope {
  /** Looks a name up in the file's scope. */
  readonly find: (name: string) => unknown;
}

let sources = new Map<string, HostFile>();
const scopes = new Map<string, Scope>();
const failed = new Map<string, unknown>();
const functions = new Map<string, AnyFunction>();

/** Indirect: sees globals only, in sloppy mode. */
// biome-ignore lint/security/noGlobalEval: this is the sandbox, and evaluating the app's code is what it is for
const evaluate = globalThis.eval;

/** Takes the sources of the app and returns the `app` object of its libraries, whose members are evaluated on first use. */
export function addFiles(files: readonly HostFile[]): object {
  sources = new Map(files.map((file) => [file.file, file]));
  const root = emptyNamespace();
  const libraries = files.flatMap(({ file, library }) =>
    library === null ? [] : [{ file, steps: library.split('.') }],
  );
  // Shallow ones first: `commons` is there before `commons.stringUtils` is put into it.
  libraries.sort((a, b) => a.steps.length - b.steps.length);
  for (const { file, steps } of libraries) addLibrary(root, steps, file);
  return Object.preventExtensions(root.members);
}

/**
 * The function `name` of a file.
 * @throws what the file itself throws while it is evaluated, every time
 */
export function functionOf(file: string, name: string): AnyFunction {
  const key = `${file}#${name}`;
  const known = functions.get(key);
  if (known) return known;
  const found = /^[\w$]+$/.test(name) ? scopeOf(file).find(name) : undefined;
  if (typeof found !== 'function') throw new TypeError(`There is no function ${name} in ${file}`);
  functions.set(key, found as AnyFunction);
  return found as AnyFunction;
}

function scopeOf(file: string): Scope {
  const known = scopes.get(file);
  if (known) return known;
  const find = run(
    file,
    '',
    'return function($name) { return eval("typeof " + $name + " === \'undefined\' ? undefined : " + $name); };',
  );
  if (typeof find !== 'function') throw new SyntaxError(`${file} returns at its top level`);
  const scope = { find: find as Scope['find'] };
  scopes.set(file, scope);
  return scope;
}

/** Evaluates a file as the body of a function; a failure is kept and thrown again. */
function run(file: string, parameters: string, epilogue: string, ...args: unknown[]): unknown {
  if (failed.has(file)) throw failed.get(file);
  const source = sources.get(file)?.source;
  if (source === undefined) throw new TypeError(`There is no file ${file}`);
  try {
    return compile(file, wrapped(file, source, parameters, epilogue))(...args);
  } catch (error) {
    failed.set(file, error);
    throw error;
  }
}

function compile(file: string, code: string): AnyFunction {
  try {
    return evaluate(code) as AnyFunction;
  } catch (error) {
    // Its stack names no place in the file; the loader has reported the line.
    throw error instanceof SyntaxError ? new SyntaxError(`${error.message} in ${file}`) : error;
  }
}

/** The wrapping is on the first line and after the last, so that line numbers are those of the file. */
function wrapped(file: string, source: string, parameters: string, epilogue: string): string {
  return `(function(${parameters}) {${source}\n${epilogue}\n})\n//# sourceURL=${file}`;
}

interface Namespace {
  readonly members: { [name: string]: unknown };
  readonly inner: Map<string, Namespace>;
}

function emptyNamespace(): Namespace {
  return { members: {}, inner: new Map() };
}

/** `commons.stringUtils` becomes a member `stringUtils` of `app.commons`; a library may itself hold others. */
function addLibrary(root: Namespace, steps: readonly string[], file: string): void {
  let space = root;
  for (const step of steps.slice(0, -1)) space = namespaceIn(space, step);
  const name = steps.at(-1) ?? '';
  const inner = space.inner.get(name) ?? emptyNamespace();
  space.inner.set(name, inner);
  let loaded = false;
  Object.defineProperty(space.members, name, {
    get() {
      if (!loaded) {
        // Before it runs, so that libraries that need each other see what the other has exported so far.
        loaded = true;
        run(file, 'exports', '', inner.members);
      } else if (failed.has(file)) throw failed.get(file);
      return inner.members;
    },
    enumerable: true,
  });
}

function namespaceIn(space: Namespace, name: string): Namespace {
  const known = space.inner.get(name);
  if (known) return known;
  const fresh = emptyNamespace();
  space.inner.set(name, fresh);
  Object.defineProperty(space.members, name, { value: fresh.members, enumerable: true });
  return fresh;
}
