// Regular expressions from people: linear time only, in this process and in MongoDB.

/**
 * A pattern that is safe to run: `test` uses re2js (linear time); `mongo` is the same pattern rewritten for MongoDB's engine.
 */
export interface SafePattern {
  readonly source: string;
  readonly test: (value: string) => boolean;
  /** What MongoDB gets: PCRE source and options (`i`, `s`, `m`). */
  readonly mongo: { readonly source: string; readonly options: string };
}
