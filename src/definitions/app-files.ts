// From text files to checked definitions: each data file with the script beside it, names checked against paths.
import type { TSchema } from 'typebox';
import { type ApisFile, apisSchema } from './apis.ts';
import type { EntitySource } from './declared.ts';
import { parseFile } from './document.ts';
import { type EntityFile, entitySchema } from './entity-schema.ts';
import { type GroupFile, groupSchema } from './group-schema.ts';
import { hashOf } from './hash.ts';
import type { ScriptScope } from './hook-refs.ts';
import type { FileRole, Kind, Layout } from './layout.ts';
import { type ListenerFile, listenerSchema } from './listener-schema.ts';
import type { ScriptFile } from './model.ts';
import {
  descriptorSchema,
  librarySchema,
  type NamedTypeFile,
  namedTypeSchema,
  type RecordsFile,
  recordsSchema,
} from './other-schemas.ts';
import { at, type Place } from './place.ts';
import { replacePlaceholders, type Variables } from './placeholders.ts';
import type { Problems } from './problems.ts';
import { type Checked, readBySchema } from './read.ts';
import { DOTTED_NAME } from './schema.ts';
import { scriptFunctions } from './script-functions.ts';
import type { TextFile } from './source-tree.ts';

/** A definition file with its name by path. */
export interface Defined<T> {
  readonly name: string;
  readonly content: T;
  readonly place: Place;
  readonly scope: ScriptScope;
  readonly damaged: boolean;
}

/** Everything that the files of an app say, checked file by file; nothing is linked yet. */
export interface AppFiles {
  readonly entities: readonly EntitySource[];
  readonly records: readonly Defined<RecordsFile>[];
  readonly groups: readonly Defined<GroupFile>[];
  readonly listeners: readonly Defined<ListenerFile>[];
  readonly namedTypes: readonly (Defined<NamedTypeFile> & { readonly kind: 'displayOptions' | 'namedRules' })[];
  readonly apis: readonly Defined<ApisFile>[];
  readonly scripts: readonly ScriptFile[];
  /** Names of entities and groups whose files were unusable: references to them are not reported again. */
  readonly unusable: { readonly entities: ReadonlySet<string>; readonly groups: ReadonlySet<string> };
  /** SHA-256 of the text of each entity's own files, by full name. */
  readonly entityHashes: ReadonlyMap<string, string>;
}

interface Gathering {
  readonly layout: Layout;
  readonly variables: Variables;
  readonly problems: Problems;
  readonly texts: ReadonlyMap<string, TextFile>;
}

const SCHEMAS: Readonly<Record<Kind, TSchema>> = {
  entity: entitySchema,
  group: groupSchema,
  listener: listenerSchema,
  library: librarySchema,
  displayOptions: namedTypeSchema,
  namedRules: namedTypeSchema,
};

/** Reads all files of a folder by their roles. */
export function readAppFiles(
  files: readonly TextFile[],
  layout: Layout,
  variables: Variables,
  problems: Problems,
): AppFiles {
  const gathering: Gathering = { layout, variables, problems, texts: new Map(files.map((file) => [file.path, file])) };
  const scripts = readScripts(gathering);
  const unusable = { entities: new Set<string>(), groups: new Set<string>() };
  const result = {
    entities: [] as Defined<EntityFile>[],
    records: [] as Defined<RecordsFile>[],
    groups: [] as Defined<GroupFile>[],
    listeners: [] as Defined<ListenerFile>[],
    namedTypes: [] as AppFiles['namedTypes'][number][],
  };
  for (const [stem, { role, paths }] of definitionFiles(gathering)) {
    const scope = scripts.scopes.get(stem) ?? { file: `${stem}.js`, functions: new Map() };
    const defined = readDefinition(gathering, role, paths, scope);
    if (!defined) {
      if (role.kind === 'entity') unusable.entities.add(role.name);
      if (role.kind === 'group') unusable.groups.add(role.name);
    } else if (role.kind === 'entity') result.entities.push(defined as Defined<EntityFile>);
    else if (role.kind === 'group') result.groups.push(defined as Defined<GroupFile>);
    else if (role.kind === 'listener') result.listeners.push(defined as Defined<ListenerFile>);
    else if (role.kind !== 'library')
      result.namedTypes.push({ ...(defined as Defined<NamedTypeFile>), kind: role.kind });
    scripts.unused.delete(stem);
  }
  for (const file of scripts.unused.values()) {
    problems.warnings.push(`${file} stands beside no definition and is never run`);
  }
  return {
    ...result,
    records: readRecords(gathering),
    apis: readApis(gathering),
    scripts: scripts.files,
    unusable,
    entityHashes: hashEntities(gathering),
  };
}

type DefinitionRole = Extract<FileRole, { stem: string }>;

/** Data files by stem: `companies.yaml` and `companies.json` share one. */
function definitionFiles({ layout, texts }: Gathering): Map<string, { role: DefinitionRole; paths: string[] }> {
  const byStem = new Map<string, { role: DefinitionRole; paths: string[] }>();
  for (const path of texts.keys()) {
    const role = layout.roleOf(path);
    if (role?.role !== 'definition') continue;
    const known = byStem.get(role.stem);
    if (known) known.paths.push(path);
    else byStem.set(role.stem, { role, paths: [path] });
  }
  return byStem;
}

function readDefinition(
  gathering: Gathering,
  role: DefinitionRole,
  paths: readonly string[],
  scope: ScriptScope,
): Defined<{ name: string; fullName?: string }> | null {
  const [path = '', ...others] = paths;
  for (const other of others) {
    gathering.problems.add({ file: other, line: null, path: '', message: `defines the same ${role.kind} as ${path}` });
  }
  const checked = readFile<{ name: string; fullName?: string }>(gathering, path, SCHEMAS[role.kind]);
  if (!checked) return null;
  const place: Place = { source: checked.source, path: [] };
  return checkName(role, checked, place, gathering.problems) ? { ...checked, name: role.name, place, scope } : null;
}

function readFile<T>({ texts, variables, problems }: Gathering, path: string, schema: TSchema): Checked<T> | null {
  const raw = parseFile(path, replacePlaceholders(texts.get(path)?.text ?? '', variables), problems);
  return raw ? readBySchema<T>(schema, raw, problems) : null;
}

/** Names come from paths; what a file says about its name must agree (spec entity-model §0.2). */
function checkName(
  role: DefinitionRole,
  { content }: Checked<{ name: string; fullName?: string }>,
  place: Place,
  problems: Problems,
): boolean {
  if (!DOTTED_NAME.test(role.name)) {
    problems.error(
      place,
      `${role.name} is not a possible name: folders and file names need letters, digits and _, a letter first`,
    );
    return false;
  }
  const last = role.name.slice(role.name.lastIndexOf('.') + 1);
  if (content.name !== last && !(role.kind === 'library' && content.name === role.name)) {
    problems.error(at(place, 'name'), `must be ${last}, as the file is called, not ${content.name}`);
  }
  if (content.fullName !== undefined && content.fullName !== role.name) {
    problems.error(
      at(place, 'fullName'),
      `must be ${role.name}, as folders and file are called, not ${content.fullName}`,
    );
  }
  return true;
}

function readRecords(gathering: Gathering): Defined<RecordsFile>[] {
  const records: Defined<RecordsFile>[] = [];
  for (const path of gathering.texts.keys()) {
    const role = gathering.layout.roleOf(path);
    if (role?.role === 'descriptor') readFile(gathering, path, descriptorSchema);
    if (role?.role !== 'records') continue;
    const checked = readFile<RecordsFile>(gathering, path, recordsSchema);
    const scope = { file: '', functions: null };
    if (checked) records.push({ ...checked, name: role.name, place: { source: checked.source, path: [] }, scope });
  }
  return records;
}

function readApis(gathering: Gathering): Defined<ApisFile>[] {
  const paths = [...gathering.texts.keys()].filter((path) => gathering.layout.roleOf(path)?.role === 'apis');
  return paths.flatMap((path): Defined<ApisFile>[] => {
    const checked = readFile<ApisFile>(gathering, path, apisSchema);
    const scope = { file: '', functions: null };
    return checked ? [{ ...checked, name: 'apis', place: { source: checked.source, path: [] }, scope }] : [];
  });
}

interface Scripts {
  readonly files: ScriptFile[];
  readonly scopes: Map<string, ScriptScope>;
  /** Stem -> path of scripts that no data file has claimed yet. */
  readonly unused: Map<string, string>;
}

function readScripts({ layout, texts, variables, problems }: Gathering): Scripts {
  const scripts: Scripts = { files: [], scopes: new Map(), unused: new Map() };
  for (const [file, { text }] of texts) {
    const role = layout.roleOf(file);
    if (role?.role !== 'script') continue;
    const source = replacePlaceholders(text, variables);
    scripts.scopes.set(role.stem, { file, functions: scriptFunctions(file, source, problems) });
    if (role.kind === 'displayOptions' || role.kind === 'namedRules') continue;
    scripts.files.push(Object.freeze({ file, source, kind: role.kind, owner: role.name }));
    // A library needs nothing but its script.
    if (role.kind !== 'library') scripts.unused.set(role.stem, file);
  }
  return scripts;
}

/** Before placeholders are replaced: a changed variable is not a changed definition. */
function hashEntities({ layout, texts }: Gathering): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [path, { text }] of texts) {
    const role = layout.roleOf(path);
    if (
      role?.role === 'descriptor' ||
      role?.role === 'apis' ||
      role === null ||
      ('kind' in role && role.kind !== 'entity')
    )
      continue;
    hashes.set(role.name, hashOf(hashes.get(role.name) ?? '', path, text));
  }
  return hashes;
}
