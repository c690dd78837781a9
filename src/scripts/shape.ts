// What script hosts know of an entity: a small descriptor of its fields, made once per compiled entity.
import type { EntityModel, Field } from '../definitions/model.ts';
import type { EntityShape, FieldShape } from './protocol.ts';

/** Copies of copies end here; an entity may refer to itself. */
const COPY_DEPTH = 4;

/** The descriptor of an entity for script hosts. */
export function entityShape(entity: EntityModel): EntityShape {
  return { id: entity.id, name: entity.name, fields: entity.fields.map((field) => fieldShape(field, COPY_DEPTH)) };
}

function fieldShape(field: Field, depth: number): FieldShape {
  const choices = choicesOf(field.options);
  const { format } = field.display;
  return {
    name: field.name,
    label: field.label,
    type: field.type.name,
    ...(field.many && { many: true }),
    ...(field.fields.length > 0 && { fields: field.fields.map((inner) => fieldShape(inner, depth)) }),
    ...(choices && { choices }),
    ...(typeof format === 'string' && { format }),
    ...(field.relationship && {
      entity: field.relationship.entity,
      copied: depth > 0 ? copiedTree(field.relationship.copiedFields, depth - 1) : [],
    }),
  };
}

/** Options of a type with fixed choices. */
function choicesOf(options: unknown): FieldShape['choices'] | undefined {
  const { possibleValues } = (options ?? {}) as { readonly possibleValues?: unknown };
  if (!Array.isArray(possibleValues)) return undefined;
  return (possibleValues as readonly { name: string; label: string }[]).map(({ name, label }) => [name, label]);
}

/** `address.state` among the copied fields becomes a group `address` that holds only `state`. */
function copiedTree(copied: readonly Field[], depth: number): FieldShape[] {
  const roots: Node[] = [];
  for (const field of copied) {
    let level = roots;
    for (const outer of outerGroups(field)) level = nodeOf(level, outer).inner;
    nodeOf(level, field).whole = true;
  }
  return roots.map((node) => nodeShape(node, depth));
}

interface Node {
  readonly of: Field;
  readonly inner: Node[];
  /** Copied as it is, not only as the way to an inner field. */
  whole: boolean;
}

function nodeOf(level: Node[], field: Field): Node {
  const known = level.find(({ of }) => of.name === field.name);
  if (known) return known;
  const node: Node = { of: field, inner: [], whole: false };
  level.push(node);
  return node;
}

function nodeShape({ of, inner, whole }: Node, depth: number): FieldShape {
  const shape = fieldShape(of, depth);
  return whole ? shape : { ...shape, fields: inner.map((node) => nodeShape(node, depth)) };
}

function outerGroups(field: Field): Field[] {
  const outer: Field[] = [];
  for (let group = field.parent; group; group = group.parent) outer.unshift(group);
  return outer;
}
