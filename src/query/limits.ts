// What one query may cost: every limit of the query language by name.

export interface QueryLimits {
  /** Items of a page when `_size` is absent, and at most. */
  readonly defaultSize: number;
  readonly maxSize: number;
  /** Levels of `and`, `or` and of conditions on elements inside each other. */
  readonly depth: number;
  /** Tests of one query, access rules not counted. */
  readonly filters: number;
  /** Characters of a `_query` expression. */
  readonly expressionLength: number;
  /** Comma separated operands of one test. */
  readonly operands: number;
  /** The same for `like`, which looks at every record once per operand. */
  readonly patterns: number;
  /** Characters of one operand. */
  readonly operandLength: number;
  /** Bytes of a pattern as MongoDB gets it, with all cases of its letters; it refuses more than 16,384. */
  readonly patternBytes: number;
  /** Stages of an aggregate, paths and outputs of one stage. */
  readonly stages: number;
  readonly stageEntries: number;
  /** Rows that an aggregate over REST answers with; `total` counts all. */
  readonly rows: number;
}

export const QUERY_LIMITS: QueryLimits = {
  defaultSize: 20,
  maxSize: 1_000,
  depth: 20,
  filters: 500,
  expressionLength: 32_768,
  operands: 5_000,
  patterns: 50,
  operandLength: 10_000,
  patternBytes: 16_000,
  stages: 50,
  stageEntries: 30,
  rows: 1_000,
};
