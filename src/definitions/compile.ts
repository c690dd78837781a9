// The compiler: checked files -> linked, frozen Definitions. Everything that refers to something else is resolved here.
import { compileApis } from './apis.ts';
import type { AppFiles, Defined } from './app-files.ts';
import { builtIns } from './built-in.ts';
import type { Compilation, EntityDraft } from './compilation.ts';
import { compileEntity, declareEntities, draftEntity, draftEntityFields, finishEntity } from './entities.ts';
import { attachEnumRecords } from './enum-records.ts';
import type { GroupFile } from './group-schema.ts';
import { compileGroup, groupDirectory } from './groups.ts';
import type { Identities } from './identities.ts';
import { compileListeners } from './listeners.ts';
import type { Definitions, EntityModel, GroupModel } from './model.ts';
import { readNamedTypes } from './named-types.ts';
import type { Problems } from './problems.ts';
import { linkCopiedFields } from './relationships.ts';

export interface CompileInput {
  readonly files: AppFiles;
  readonly hash: string;
  /** Names of custom queues. */
  readonly queues: ReadonlySet<string>;
}

/**
 * Compiles an app. All entities are drafted before any is linked, so they may refer to each other in circles.
 * Mistakes go to `problems`; with any of them the result must not be used.
 */
export function compile(
  { files, hash, queues }: CompileInput,
  identities: Identities,
  problems: Problems,
): Definitions {
  const platform = builtIns(problems);
  const declared = declareEntities(files, platform, problems);
  const drafts = new Map(Array.from(declared, ([name, entity]) => [name, draftEntity(entity, identities)]));
  const groups = draftGroups(files.groups, identities, problems);
  const c: Compilation = {
    problems,
    entities: drafts,
    models: new Map(Array.from(drafts, ([name, draft]): [string, EntityModel] => [name, draft.model])),
    unusable: files.unusable,
    named: readNamedTypes(files.namedTypes, problems),
    relationships: new Map(),
    queues,
    env: { zone: 'UTC', now: Date.now(), language: 'english', groups: groupDirectory(groups) },
    later: [],
  };
  link(c, drafts);
  attachEnumRecords(c, files.records);
  const listeners = compileListeners(c, files.listeners);
  const checked = groups.map((group, index) => {
    const file = files.groups[index];
    return file ? Object.freeze({ ...group, ...compileGroup(c, file) }) : group;
  });
  for (const task of c.later) task();
  for (const draft of drafts.values()) finishEntity(draft);
  return Object.freeze({
    hash,
    entities: c.models,
    groups: groupDirectory(checked),
    listeners: Object.freeze(listeners),
    apis: Object.freeze(compileApis(files.apis, groups, problems)),
    scripts: Object.freeze([...platform.map(({ script }) => script), ...files.scripts]),
    warnings: Object.freeze([...problems.warnings]),
  });
}

function link(c: Compilation, drafts: ReadonlyMap<string, EntityDraft>): void {
  for (const draft of drafts.values()) draftEntityFields(c, draft);
  for (const draft of drafts.values()) compileEntity(c, draft);
  for (const relationship of c.relationships.values()) linkCopiedFields(c, relationship, c.relationships);
}

function draftGroups(files: readonly Defined<GroupFile>[], identities: Identities, problems: Problems): GroupModel[] {
  const names = new Set<string>();
  return files.map(({ name, content, place }) => {
    if (names.has(name)) problems.error(place, `group ${name} is already defined`);
    names.add(name);
    const id = identities.groups.get(name);
    if (id === undefined) throw new Error(`group ${name} has no identity`);
    return { id, name, label: content.label ?? name, definition: {}, grants: new Map() };
  });
}
