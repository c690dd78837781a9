// Numbers for what messages name again and again: shapes of entities and functions. A host is told each once.
import type { EntityModel, HookRef } from '../definitions/model.ts';
import { frameText } from './frames.ts';
import type { HookShape, ToHost } from './protocol.ts';
import { entityShape } from './shape.ts';

export interface Definition {
  readonly id: number;
  /** The frame that tells a host. */
  readonly frame: string;
}

export class Registry {
  readonly #known = new WeakMap<object, Definition>();
  #next = 1;

  shape(entity: EntityModel): Definition {
    return this.#define(entity, 'shape', () => entityShape(entity));
  }

  hook(hook: HookRef): Definition {
    return this.#define(hook, 'hook', (): HookShape => ({ ...hook }));
  }

  #define(of: object, tag: ToHost, describe: () => unknown): Definition {
    const known = this.#known.get(of);
    if (known) return known;
    const id = this.#next;
    this.#next += 1;
    const definition = { id, frame: frameText(tag, id, JSON.stringify(describe())) };
    this.#known.set(of, definition);
    return definition;
  }
}
