// The shared parts of a document: each is made when something first refers to it, so none is there for nothing.

/** A piece of JSON of the document. */
export type Part = { readonly [key: string]: unknown };

export type ComponentKind = 'schemas' | 'parameters' | 'responses';

export class Components {
  readonly #parts = {
    schemas: new Map<string, Part>(),
    parameters: new Map<string, Part>(),
    responses: new Map<string, Part>(),
  };

  /** A reference to the component of that name; `build` makes it the first time, and may refer to itself. */
  use(kind: ComponentKind, name: string, build: () => Part): Part {
    const parts = this.#parts[kind];
    if (!parts.has(name)) {
      parts.set(name, {});
      parts.set(name, build());
    }
    return { $ref: `#/components/${kind}/${name}` };
  }

  /** The components in order of their names. */
  print(): Record<ComponentKind, Record<string, Part>> {
    const sorted = (parts: ReadonlyMap<string, Part>): Record<string, Part> =>
      Object.fromEntries([...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const { schemas, parameters, responses } = this.#parts;
    return { schemas: sorted(schemas), parameters: sorted(parameters), responses: sorted(responses) };
  }
}
