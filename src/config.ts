// environment -> one frozen, validated Config; read once, passed down.

/** Wrong settings, all of them together; the command prints them and ends with 1. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
