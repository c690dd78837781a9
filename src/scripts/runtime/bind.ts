// Which variables a hook has, and in which order its function gets them (spec scripting-api §0.2 and §2, entity-model §5.2).
import type { HookCall } from '../../records/hooks.ts';
import type { HookShape } from '../protocol.ts';
import type { Variable, Variables } from './globals.ts';

type Kind = HookCall['kind'];

const FIELD: readonly Variable[] = ['record', 'parentField', 'action'];

/** Variables by kind, in positional order. */
const BY_KIND: Readonly<Record<Kind, readonly Variable[]>> = {
  default: FIELD,
  calculation: FIELD,
  condition: FIELD,
  validation: ['record', 'parentField', 'field', 'action'],
  recordValidations: ['record'],
  label: ['record'],
  nestedLabel: ['record', 'nested'],
};

export interface BoundHook extends HookShape {
  /** Order of the arguments, by kind. */
  readonly order: Map<Kind, readonly Variable[]>;
}

export function bindable(hook: HookShape): BoundHook {
  return { ...hook, order: new Map() };
}

/** The variables that exist for a kind of hook. */
export function variablesOf(kind: Kind): readonly Variable[] {
  return BY_KIND[kind];
}

/** Arguments of one call: by the declared names, or by position when a name is none of the variables. */
export function argumentsOf(hook: BoundHook, kind: Kind, variables: Variables): unknown[] {
  let order = hook.order.get(kind);
  if (!order) {
    const names = hook.params as readonly Variable[];
    order = names.every((name) => BY_KIND[kind].includes(name) || name === 'oldRecord') ? names : BY_KIND[kind];
    hook.order.set(kind, order);
  }
  return order.map((name) => variables[name] ?? null);
}
