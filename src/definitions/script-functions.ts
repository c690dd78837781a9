// The functions that a sibling script declares, found by parsing it: names and parameters, never by running it.
import { type AnyNode, type Pattern, type Program, parse } from 'acorn';
import type { Problems } from './problems.ts';

export interface ScriptFunction {
  /** Declared parameter names, '' for a pattern, which can only be bound by position. */
  readonly params: readonly string[];
  /** Async and generator functions can't be hooks: every call is synchronous (spec scripting-api §0.1). */
  readonly synchronous: boolean;
  readonly line: number;
}

export type ScriptFunctions = ReadonlyMap<string, ScriptFunction>;

/**
 * Top-level function declarations of a script.
 * @returns null after a syntax error, which has been reported with its line
 */
export function scriptFunctions(file: string, source: string, problems: Problems): ScriptFunctions | null {
  let program: Program;
  try {
    program = parse(source, { ecmaVersion: 'latest', sourceType: 'script', locations: true, allowHashBang: true });
  } catch (error) {
    problems.add({ file, path: '', ...describe(error) });
    return null;
  }
  const functions = new Map<string, ScriptFunction>();
  for (const node of program.body) {
    if (node.type !== 'FunctionDeclaration') continue;
    functions.set(node.id.name, {
      params: node.params.map(parameterName),
      synchronous: !node.async && !node.generator,
      line: lineOf(node),
    });
  }
  return functions;
}

function describe(error: unknown): { readonly line: number | null; readonly message: string } {
  // The parser recurses: nesting without end runs out of stack.
  if (error instanceof RangeError) return { line: null, message: 'the script is nested too deeply' };
  if (!(error instanceof SyntaxError)) throw error;
  const line = 'loc' in error ? (error.loc as { line: number }).line : null;
  return { line, message: error.message.replace(/ \(\d+:\d+\)$/, '') };
}

function parameterName(pattern: Pattern): string {
  if (pattern.type === 'Identifier') return pattern.name;
  return pattern.type === 'AssignmentPattern' ? parameterName(pattern.left) : '';
}

function lineOf(node: AnyNode): number {
  return node.loc?.start.line ?? 1;
}
