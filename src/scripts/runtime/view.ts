// One function's view of a record: reads go to the shared record of the message, writes to a copy that ends with the call.
import { copyJson, type JsonObject } from './native.ts';
import type { Entity, Moment } from './shape.ts';

/** A record of a message; calculated values are put into it as they become known. */
export interface Base {
  readonly entity: Entity;
  readonly id: string | null;
  label: string | null;
  readonly version: number | null;
  readonly fields: JsonObject;
}

/** The calculated fields of the message that nobody has computed yet. */
export interface Calculations {
  readonly size: number;
  /** Computes what a read of `path` would see: the field itself, what is inside it, or the group it is in; null: everything. */
  readonly settle: (path: string | null) => void;
}

export const NO_CALCULATIONS: Calculations = { size: 0, settle: () => undefined };

export class View {
  readonly base: Base;
  readonly moment: Moment;
  readonly calculations: Calculations;
  #own: JsonObject | null = null;

  constructor(base: Base, moment: Moment, calculations: Calculations) {
    this.base = base;
    this.moment = moment;
    this.calculations = calculations;
  }

  get fields(): JsonObject {
    return this.#own ?? this.base.fields;
  }

  /** The fields, safe to change: copied at the first write. */
  get writable(): JsonObject {
    this.#own ??= copyJson(this.base.fields) as JsonObject;
    return this.#own;
  }

  /** True once the function has written: values computed later must reach its copy too. */
  get hasOwn(): boolean {
    return this.#own !== null;
  }
}
