// Names every function sees: the API, and the variables of the hook that runs. What a function adds is gone before the next.

/** Every variable that some hook has (spec scripting-api §2). */
export const VARIABLES = ['record', 'oldRecord', 'parentField', 'field', 'nested', 'action', 'query', 'event'] as const;
export type Variable = (typeof VARIABLES)[number];
export type Variables = { [name in Variable]?: unknown };

const scope = globalThis as unknown as { [name: string]: unknown };
let own: ReadonlySet<PropertyKey> = new Set();
let count = Number.POSITIVE_INFINITY;

/** Defines the API names for good and the variables as slots, and remembers what there is. */
export function defineGlobals(api: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(api)) Object.defineProperty(globalThis, name, { value });
  for (const name of VARIABLES)
    Object.defineProperty(globalThis, name, { value: undefined, writable: true, configurable: false });
  own = new Set(Reflect.ownKeys(globalThis));
  count = own.size;
}

/** Sets the variables of a hook and gives back those of the hook around it. */
export function swapVariables(next: Variables): Variables {
  const before: Variables = {};
  for (const name of VARIABLES) {
    before[name] = scope[name];
    scope[name] = next[name];
  }
  return before;
}

/** Removes what functions have added; false when something can't be removed: then the isolate must not be used any more. */
export function removeLeaks(): boolean {
  const keys = Reflect.ownKeys(globalThis);
  if (keys.length === count) return true;
  let clean = true;
  for (const key of keys) if (!own.has(key) && !Reflect.deleteProperty(globalThis, key)) clean = false;
  return clean;
}
