// The small type through which the write path calls the app's code; src/scripts implements it.
import type { Context } from '../context.ts';
import type { EntityModel, HookRef } from '../definitions/model.ts';
import type { Json } from '../fields/field-type.ts';

/** A record as scripts receive it: native JSON of every field (sensitive and transient values in clear), `id`, `label`, `version`. */
export interface ScriptRecord {
  readonly id: string | null;
  readonly label: string | null;
  readonly version: number | null;
  /** Native JSON by field name, nested groups with `id` and `label`. */
  readonly fields: Readonly<Record<string, Json>>;
}

/** One hook to run. Calls run in order on one view of the record; values of earlier `calculation` calls are visible to later ones. */
export interface HookCall {
  readonly kind: 'default' | 'calculation' | 'condition' | 'validation' | 'recordValidations' | 'label' | 'nestedLabel';
  readonly hook: HookRef;
  /** Concrete path of the field or nested element the hook is for: `numberOfSkills`, `addresses[0]`, `notes[1].user`; null for record hooks. */
  readonly at: string | null;
}

/** What a call returned, as JSON in the type's REST input form (Dates as epoch ms, wrappers and records as their native JSON). */
export interface HookResult {
  readonly value: Json;
}

/** Runs the app's functions outside this process, under memory and time limits. */
export interface Hooks {
  /**
   * Runs all calls of one stage of one write in one message to a script host.
   * @throws AppError `javascriptException` (500) when a function throws or its host dies, `timeout` (400) when it is too slow;
   *   a ScriptException keeps its own code.
   */
  run(
    ctx: Context,
    request: {
      readonly entity: EntityModel;
      readonly record: ScriptRecord;
      readonly oldRecord: ScriptRecord | null;
      readonly calls: readonly HookCall[];
    },
  ): Promise<readonly HookResult[]>;
  /** Tests a pattern that the linear engine can't run (look-arounds), under the same limits; whole-value match. */
  testPattern(ctx: Context, source: string, value: string): Promise<boolean>;
}
