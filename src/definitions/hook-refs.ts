// From `js/<ref>` to a function of the sibling script: the exact name, else the known respellings (spec entity-model §5.2).
import type { HookRef } from './model.ts';
import type { Place } from './place.ts';
import type { Problems } from './problems.ts';
import type { ScriptFunction, ScriptFunctions } from './script-functions.ts';

/** The script beside a definition file. */
export interface ScriptScope {
  /** Where the script is, or would be. */
  readonly file: string;
  /** Null when the script has a syntax error, reported already; empty when there is no script. */
  readonly functions: ScriptFunctions | null;
}

const PREFIX = 'js/';

export function isHookRef(value: unknown): value is `js/${string}` {
  return typeof value === 'string' && value.startsWith(PREFIX);
}

/** Resolves a `js/…` value; a reference to nothing is an error at `place`. */
export function resolveHook(ref: string, scope: ScriptScope, place: Place, problems: Problems): HookRef | null {
  if (!scope.functions) return null;
  const found = findFunction(ref.slice(PREFIX.length), scope.functions);
  if (!found) {
    problems.error(place, `Function for ${ref} not found in ${scope.file}`);
    return null;
  }
  const [fn, declared] = found;
  if (!declared.synchronous) {
    problems.error(place, `${fn} in ${scope.file}:${declared.line} must be a plain function: hooks are synchronous`);
    return null;
  }
  return Object.freeze({ file: scope.file, fn, params: Object.freeze([...declared.params]), ref });
}

function findFunction(name: string, functions: ScriptFunctions): [string, ScriptFunction] | undefined {
  const candidates = spellings(name);
  for (const candidate of candidates) {
    const exact = functions.get(candidate);
    if (exact) return [candidate, exact];
  }
  const lowered = candidates.slice(0, FOLDED).map((candidate) => candidate.toLowerCase());
  const folded = [...functions].map(([declared, value]) => ({ declared, value, lower: declared.toLowerCase() }));
  for (const candidate of lowered) {
    const hit = folded.find(({ lower }) => lower === candidate);
    if (hit) return [hit.declared, hit.value];
  }
  return undefined;
}

/** How many of the spellings also count without regard to case: those of today's exports (steps 1 to 3). */
const FOLDED = 3;

/** Spellings of the vendor's drafts, tried both ways. */
const DRAFT_ENDINGS: readonly (readonly [string, string])[] = [
  ['ValueCalculation', 'FieldCalculation'],
  ['DefaultValue', 'FieldDefaultValue'],
  ['Required', 'FieldRequired'],
  ['Visible', 'FieldVisible'],
  ['ReadAccess', 'FieldReadWriteAccess'],
  ['WriteAccess', 'FieldReadWriteAccess'],
  ['recordLabel', 'recordLabelCalculation'],
];

/** All names to try, best first; the first {@link FOLDED} are always steps 1 to 3. */
function spellings(name: string): string[] {
  const drafts = DRAFT_ENDINGS.flatMap(([one, other]) => [
    ...replaceEnding(name, one, other),
    ...replaceEnding(name, other, one),
  ]);
  return [
    name,
    replaceEnding(name, 'Actions', 'Action')[0] ?? name,
    replaceEnding(name, 'RecordLabel', 'RecordNameScript')[0] ?? name,
    ...drafts,
  ];
}

function replaceEnding(name: string, ending: string, other: string): string[] {
  return name.endsWith(ending) ? [name.slice(0, -ending.length) + other] : [];
}
