// `{project: 'name,address.state'}`: keeps some columns, the id always.
import type { Draft } from './pipeline.ts';
import { readPaths, resolve } from './pipeline.ts';
import { addToSelection, type OpenSelection } from './selection.ts';
import type { Column, FieldColumn, Shape } from './shape.ts';

export function appendProject(draft: Draft, value: unknown): void {
  const paths = readPaths(draft, value, 'project');
  draft.shape = project(draft, draft.shape, paths, '');
}

function project(draft: Draft, shape: Shape, paths: readonly string[], prefix: string): Shape {
  const columns = new Map<string, Column>();
  const id = shape.columns.get('id');
  if (id) columns.set('id', id);
  for (const name of new Set(paths.map((path) => path.split('.', 1)[0] ?? ''))) {
    const inner = paths.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
    const isWhole = paths.includes(name);
    const column = shape.columns.get(name);
    // what does not exist or is hidden is reported with the path as it was written
    if (!column) resolve(draft, prefix + name);
    else if (column.kind === 'field') columns.set(name, narrow(draft, column, isWhole ? [] : inner, prefix + name));
    else if (isWhole) columns.set(name, column);
    else columns.set(name, { ...column, shape: project(draft, column.shape, inner, `${prefix}${name}.`) });
  }
  return { ...shape, columns };
}

/** A field column with only the inner fields of `inner`; of other values nothing less than the whole is kept. */
function narrow(draft: Draft, column: FieldColumn, inner: readonly string[], path: string): FieldColumn {
  const { owner } = resolve(draft, path);
  const selection: OpenSelection = new Map();
  for (const part of inner) {
    resolve(draft, `${path}.${part}`);
    addToSelection(selection, column.field, part.split('.'), owner.access);
  }
  return { ...column, selection: selection.get(column.field.name) ?? column.selection };
}
