// Mistakes found while definitions load: collected with file, line and key path, and thrown together.
import { formatPath, type Place } from './place.ts';

/** One mistake, as `trebuchet validate` prints it. */
export interface DefinitionProblem {
  /** Relative to the definitions folder, with `/`. */
  readonly file: string;
  /** 1-based; null where a line has no meaning (a missing folder, a built-in definition). */
  readonly line: number | null;
  /** Key path such as `fields[email].typeRules.entity`; '' for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** Everything that keeps an app's definitions from loading (spec entity-model §0.2: all collected and printed together). */
export class DefinitionsError extends Error {
  override readonly name = 'DefinitionsError';
  readonly problems: readonly DefinitionProblem[];

  constructor(problems: readonly DefinitionProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** `file:line path: message`. */
export function formatProblem({ file, line, path, message }: DefinitionProblem): string {
  return `${file}${line === null ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}: ${message}`;
}

/** Collects errors and warnings of one load; nothing is thrown before everything has been looked at. */
export class Problems {
  readonly errors: DefinitionProblem[] = [];
  readonly warnings: string[] = [];

  error(place: Place, message: string): void {
    this.add(toProblem(place, message));
  }

  warn(place: Place, message: string): void {
    this.warnings.push(formatProblem(toProblem(place, message)));
  }

  /** A key that the schema does not know: never a failure (spec entity-model §0.1). */
  unknownKey({ source, path }: Place): void {
    this.warnings.push(`unknown key ${formatPath(path, source.content)} in ${source.file}`);
  }

  /** An error that has no place in a parsed document: an unreadable file, a syntax error. */
  add(problem: DefinitionProblem): void {
    this.errors.push(problem);
  }

  /** @throws DefinitionsError when there is any error, sorted by file and line */
  throwIfAny(): void {
    if (this.errors.length === 0) return;
    const sorted = this.errors.toSorted(
      (a, b) =>
        a.file.localeCompare(b.file, 'en') || (a.line ?? 0) - (b.line ?? 0) || a.path.localeCompare(b.path, 'en'),
    );
    throw new DefinitionsError(sorted);
  }
}

function toProblem({ source, path }: Place, message: string): DefinitionProblem {
  return { file: source.file, line: source.lineOf(path), path: formatPath(path, source.content), message };
}
