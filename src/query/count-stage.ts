// `{count: 'n'}`: one row with the number of rows.
import { NUMBER_FIELD } from './accumulators.ts';
import { type Draft, freshPath, outputName } from './pipeline.ts';
import type { Column } from './shape.ts';

export function appendCount(draft: Draft, value: unknown): void {
  const name = outputName(value, new Map(), 'count');
  const path = freshPath(draft);
  draft.pending = null;
  draft.ties = {};
  // without the second half a count of nothing would be no row
  draft.pipeline.push(
    { $count: path },
    { $unionWith: { pipeline: [{ $documents: [{ [path]: 0 }] }] } },
    { $sort: { [path]: -1 } },
    { $limit: 1 },
  );
  const column: Column = { kind: 'field', field: NUMBER_FIELD, path, selection: null };
  draft.shape = { ...draft.shape, name: 'count', columns: new Map([[name, column]]), unwound: new Set() };
}
