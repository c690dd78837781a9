// One YAML or JSON file, parsed with positions: YAML 1.2 core, so `NO`, `yes` and dates stay text.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument, visit } from 'yaml';
import type { Path, Source } from './place.ts';
import type { Problems } from './problems.ts';

/** Deeper structures are a mistake or an attack; everything behind this file may recurse freely. */
const MAX_DEPTH = 64;
const TOO_DEEP = `the file is nested deeper than ${MAX_DEPTH} levels`;
const MAX_ALIASES = 100;
/** Syntax errors after the first few are mostly echoes of it. */
const MAX_SYNTAX_ERRORS = 3;

/**
 * Parses a file; JSON is read as the YAML that it is. Every syntax error, duplicate key, excessive alias or depth becomes a problem.
 * @returns the document with its plain value as `content`, or null when it could not be parsed
 */
export function parseFile(file: string, text: string, problems: Problems): Source | null {
  const lines = new LineCounter();
  const before = problems.errors.length;
  const fail = (message: string, offset: number | null): null => {
    problems.add({ file, line: offset === null ? null : lines.linePos(offset).line, path: '', message });
    return null;
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      logLevel: 'error', // silent would hide a second document
      prettyErrors: false,
      resolveKnownTags: false,
      stringKeys: true,
    });
    const root = document.contents;
    const mistakes = [...document.errors, ...document.warnings];
    visit(document, {
      Alias: (_key, alias) => {
        if (!alias.resolve(document))
          fail(`there is no anchor &${alias.source} before *${alias.source}`, alias.range?.[0] ?? 0);
      },
    });
    for (const mistake of mistakes.slice(0, MAX_SYNTAX_ERRORS)) fail(describe(mistake), mistake.pos[0]);
    if (problems.errors.length > before) return null;
    const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (content === null) return fail('the file is empty', null);
    if (isTooDeep(content)) return fail(TOO_DEEP, null);
    return { file, content, lineOf: (path) => lineOf(root, path, lines) };
  } catch (error) {
    if (error instanceof RangeError) return fail(TOO_DEEP, null);
    // The only ReferenceError that is left: aliases that would grow without end.
    if (error instanceof ReferenceError) return fail(`more than ${MAX_ALIASES} values come from aliases`, null);
    throw error;
  }
}

function describe(mistake: { readonly code: string; readonly message: string }): string {
  if (mistake.code === 'MULTIPLE_DOCS')
    return 'the file holds more than one document: each definition is a file of its own';
  return mistake.message.startsWith('Maximum call stack') ? TOO_DEEP : mistake.message;
}

/** A definition that is part of the server: it has no lines. */
export function builtInSource(file: string, content: unknown): Source {
  return { file, content, lineOf: () => null };
}

/** Aliases share values and may even form circles, so each value is measured once, and a circle is without end. */
function isTooDeep(content: unknown): boolean {
  const heights = new Map<object, number>();
  const heightOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0;
    const known = heights.get(value);
    if (known !== undefined) return known;
    heights.set(value, Number.POSITIVE_INFINITY);
    let height = 1;
    for (const inner of Object.values(value)) height = Math.max(height, heightOf(inner) + 1);
    heights.set(value, height);
    return height;
  };
  return heightOf(content) > MAX_DEPTH;
}

function lineOf(root: ParsedNode | null, path: Path, lines: LineCounter): number | null {
  let node: Node | null = root;
  let offset = root?.range[0] ?? null;
  for (const key of path) {
    const step = stepInto(node, key, root);
    if (!step) break;
    node = step.node;
    offset = step.offset ?? offset;
  }
  return offset === null ? null : lines.linePos(offset).line;
}

interface Step {
  readonly node: Node | null;
  readonly offset: number | undefined;
}

function stepInto(node: Node | null, key: string | number, root: ParsedNode | null): Step | null {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (!pair) return null;
    return { node: pair.value as Node | null, offset: (pair.key as Node).range?.[0] };
  }
  if (isSeq(node)) {
    const item = node.items[Number(key)] as Node | undefined;
    return item ? { node: item, offset: item.range?.[0] } : null;
  }
  if (isAlias(node)) {
    const target = findAnchor(root, node.source);
    return target ? stepInto(target, key, root) : null;
  }
  return null;
}

/** The node that an alias stands for: the last one with that anchor is near enough for a line number. */
function findAnchor(root: Node | null, anchor: string): Node | null {
  const open: unknown[] = [root];
  let found: Node | null = null;
  while (open.length > 0) {
    const node = open.pop();
    if (isMap(node)) for (const item of node.items) open.push(item.value);
    else if (isSeq(node)) open.push(...node.items);
    if ((isMap(node) || isSeq(node)) && node.anchor === anchor) found = node;
  }
  return found;
}
