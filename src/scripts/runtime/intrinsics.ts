// Locks what comes with the language, so that no function can change it for the next one. Done once per isolate, before app code.

/** Not part of the script API, or a way to work on after the call has ended. */
const REMOVED = ['console', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'];

/** Members that apps give their own objects by plain assignment, which a locked prototype would forbid. */
const OVERRIDDEN = new Set(['constructor', 'toString', 'valueOf', 'toLocaleString', 'toJSON', 'name', 'message']);

/** Their members stay plain properties: the engine is fast with these types only as long as their prototypes look untouched. */
const PLAIN: readonly object[] = [
  Array.prototype,
  Map.prototype,
  Promise.prototype,
  RegExp.prototype,
  Set.prototype,
  String.prototype,
];

/** Locks every built-in object, and whatever is reachable from `others`. */
export function lockIntrinsics(others: readonly object[]): void {
  for (const name of REMOVED) Reflect.deleteProperty(globalThis, name);
  const whole = new Set<object>([Object.prototype, Function.prototype, Date.prototype, Error.prototype]);
  lockAll([...globals(), ...hidden(), ...others], (holder, key) =>
    whole.has(holder) ? typeof key === 'string' : !PLAIN.includes(holder) && OVERRIDDEN.has(key as string),
  );
  for (const key of Reflect.ownKeys(globalThis)) {
    const property = Reflect.getOwnPropertyDescriptor(globalThis, key);
    if (property && 'value' in property && property.configurable)
      Object.defineProperty(globalThis, key, { writable: false, configurable: false });
  }
}

function globals(): object[] {
  return Reflect.ownKeys(globalThis).flatMap((key) => {
    const value: unknown = Reflect.get(globalThis, key);
    return key !== 'globalThis' && isReference(value) ? [value] : [];
  });
}

/** Built-in objects that no global names. */
function hidden(): object[] {
  const found: unknown[] = [
    [][Symbol.iterator](),
    ''[Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    'a'.matchAll(/a/g),
    Object.getPrototypeOf(Int8Array),
    function* () {},
    async () => undefined,
    async function* () {},
  ];
  return found.filter(isReference).map((value) => Object.getPrototypeOf(value) as object);
}

function isReference(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function lockAll(roots: readonly object[], canOverride: (holder: object, key: PropertyKey) => boolean): void {
  const open = [...roots];
  const seen = new Set<object>([globalThis]);
  for (let holder = open.pop(); holder; holder = open.pop()) {
    if (seen.has(holder)) continue;
    seen.add(holder);
    const prototype: unknown = Object.getPrototypeOf(holder);
    if (isReference(prototype)) open.push(prototype);
    const isPrototype = Object.hasOwn(holder, 'constructor');
    for (const key of Reflect.ownKeys(holder)) {
      const property = Reflect.getOwnPropertyDescriptor(holder, key);
      if (!property) continue;
      for (const value of [property.value, property.get, property.set]) if (isReference(value)) open.push(value);
      if (isPrototype && 'value' in property && property.configurable && canOverride(holder, key))
        allowOverride(holder, key, property);
    }
    Object.freeze(holder);
  }
}

/** Turns a member into a pair of functions: assigning it on an object below gives that object a member of its own. */
function allowOverride(holder: object, key: PropertyKey, { value, enumerable }: PropertyDescriptor): void {
  Object.defineProperty(holder, key, {
    get: () => value,
    set(this: unknown, own: unknown) {
      if (this === holder || !isReference(this)) return;
      Reflect.defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
    },
    enumerable: enumerable ?? false,
    configurable: false,
  });
}
