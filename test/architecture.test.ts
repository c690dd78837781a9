// Enforces the architecture: imports go down only, never in a circle, and each foreign library has its one place.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type IForbiddenRuleType, type IModule } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const FILES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|mjs)$/.test(name))
  .map((name) => `src/${name}`);

/** From the bottom to the top. A part may import parts before it, and its own files. Parts on one line don't know each other. */
const LAYERS: string[][] = [
  ['errors.ts', 'context.ts', 'setting-kinds.ts', 'query/predicate.ts'],
  ['config.ts'],
  ['log.ts', 'lifecycle.ts', 'loop.ts', 'db'],
  ['embedded'],
  ['fields'],
  ['query'],
  ['definitions'],
  ['records'],
  ['scripts'],
  ['access'],
  ['auth', 'users', 'jobs', 'logs', 'actions', 'csv', 'files'],
  ['health.ts', 'metrics'],
  ['services.ts'],
  ['boot.ts', 'listen.ts'],
  ['metrics-server.ts', 'http'],
  ['server.ts', 'worker.ts'],
  ['commands'],
  ['cli.ts'],
];

/** Predicates are values that every part builds; the rest of `query` works on them. */
const PREDICATES = '^src/query/predicate\\.ts$';

const pathOf = (part: string): string => (part.endsWith('.ts') ? `^src/${part.replace('.', '\\.')}$` : `^src/${part}/`);

const upward: IForbiddenRuleType[] = LAYERS.slice(0, -1).map((layer, at) => ({
  name: `${layer.join(', ')}: imports go down only`,
  severity: 'error',
  from: { path: layer.map(pathOf).join('|') },
  to: {
    pathNot: PREDICATES,
    path: LAYERS.slice(at + 1)
      .flat()
      .map(pathOf)
      .join('|'),
  },
}));

const only = (library: string, allowed: string): IForbiddenRuleType => ({
  name: `${library} only in ${allowed}`,
  severity: 'error',
  from: { path: '^src/', pathNot: allowed },
  to: { path: `node_modules/${library}/` },
});

const FORBIDDEN: IForbiddenRuleType[] = [
  {
    name: 'no circles at run time',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  ...upward,
  { name: 'records never import jobs', severity: 'error', from: { path: '^src/records/' }, to: { path: '^src/jobs/' } },
  { name: 'src never imports test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  only('fastify', '^src/(http/|server\\.ts$)'),
  only('bullmq', '^src/jobs/(queue|runner)\\.ts$'),
  only('ioredis', '^src/(db/|jobs/(queue|runner)\\.ts$)'),
  only('isolated-vm', '^src/scripts/'),
  only('commander', '^src/(cli\\.ts$|commands/)'),
  only('prom-client', '^src/metrics/'),
  only('chokidar', '^src/definitions/'),
];

let result: ICruiseResult;

/**
 * The tool reads a copy without types: what is left of imports then is what happens at run time. (It can't read them itself:
 * it knows no TypeScript 7, and would take `import type` for an import.)
 */
beforeAll(async () => {
  const copy = mkdtempSync(join(tmpdir(), 'trebuchet-imports-'));
  try {
    for (const file of FILES) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      const text = readFileSync(join(ROOT, file), 'utf8');
      writeFileSync(join(copy, file), file.endsWith('.ts') ? stripTypeScriptTypes(text) : text);
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const found = await cruise(['src'], {
      baseDir: copy,
      validate: true,
      ruleSet: { forbidden: FORBIDDEN },
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    });
    result = found.output as ICruiseResult;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}, 60_000);

it('sees the modules of src and what they import', () => {
  const seen = result.modules.filter(({ source }) => source.startsWith('src/'));
  expect(seen.length).toBeGreaterThan(20);
  expect(seen.length).toBeGreaterThanOrEqual(FILES.length);
  expect(dependenciesOf('src/config.ts')).toContain('src/setting-kinds.ts');
});

it('has no import against the rules', () => {
  const broken = result.summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle?.map(({ name }) => name).join(' -> ') ?? to;
    return `${rule.name}: ${from} -> ${path}`;
  });
  expect(broken).toEqual([]);
});

it('knows every part of src', () => {
  const parts = readdirSync(join(ROOT, 'src'));
  expect(parts.filter((part) => !LAYERS.flat().includes(part))).toEqual([]);
});

describe('text of src', () => {
  const texts = FILES.map((file) => ({ file, text: withoutComments(readFileSync(join(ROOT, file), 'utf8')) }));
  const filesWith = (pattern: RegExp, allowed: RegExp): string[] =>
    texts.filter(({ file, text }) => pattern.test(text) && !allowed.test(file)).map(({ file }) => file);

  it('reads process.env only in config and embedded', () => {
    expect(filesWith(/process\.env/, /^src\/(config\.ts$|embedded\/)/)).toEqual([]);
  });

  it('holds what reaches the database only in db, stores and the composition root', () => {
    const reach = /import [^;]*\b(MongoClient|Db|Collection|ClientSession|GridFSBucket)\b[^;]*from 'mongodb'/;
    expect(filesWith(reach, /^src\/(services\.ts$|db\/|.*\/([a-z-]+-)?store\.ts$)/)).toEqual([]);
  });

  it('names no entity of an app', () => {
    expect(filesWith(/['"`](companies|contacts|skills)['"`]/, /^$/)).toEqual([]);
  });
});

function dependenciesOf(source: string): string[] {
  const module: IModule | undefined = result.modules.find((one) => one.source === source);
  return module?.dependencies.map(({ resolved }) => resolved) ?? [];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
