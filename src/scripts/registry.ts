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
  /** Functions once more by what they are, should the same one come as different objects. */
  readonly #hooks = new Map<string, Definition>();
  #next = 1;

  shape(entity: EntityModel): Definition {
    let known = this.#known.get(entity);
    if (!known) {
      known = this.#define('shape', JSON.stringify(entityShape(entity)));
      this.#known.set(entity, known);
    }
    return known;
  }

  hook(hook: HookRef): Definition {
    const known = this.#known.get(hook);
    if (known) return known;
    const text = JSON.stringify({ ...hook } satisfies HookShape);
    const definition = this.#hooks.get(text) ?? this.#define('hook', text);
    this.#hooks.set(text, definition);
    this.#known.set(hook, definition);
    return definition;
  }

  #define(tag: ToHost, text: string): Definition {
    const id = this.#next;
    this.#next += 1;
    return { id, frame: frameText(tag, id, text) };
  }
}
