// What each file of a definitions folder is, by its path: the vendor's export layout, or the flat one (spec entity-model §0.2).
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Kinds of things that a data file defines and a script may stand beside. */
export type Kind = 'entity' | 'group' | 'listener' | 'library' | 'displayOptions' | 'namedRules';

export type FileRole =
  | { readonly role: 'definition' | 'script'; readonly kind: Kind; readonly name: string; readonly stem: string }
  /** Records of an enum entity: `<name>.records.yaml`. */
  | { readonly role: 'records'; readonly name: string }
  /** `apis.yaml` in the folder itself: the described APIs. */
  | { readonly role: 'apis' }
  /** `descriptor.json`: label of a folder. */
  | { readonly role: 'descriptor' };

export interface Layout {
  /** False for folders and files that can't matter. */
  readonly wanted: (path: string) => boolean;
  readonly roleOf: (path: string) => FileRole | null;
}

type Folders = readonly (readonly [folder: string, kind: Kind])[];

const EXPORT_FOLDERS: Folders = [
  ['model/entities', 'entity'],
  ['model/listeners', 'listener'],
  ['model/libraries', 'library'],
  ['model/types/typesDisplayOptions', 'displayOptions'],
  ['model/types/typesRules', 'namedRules'],
  ['security/groups', 'group'],
];

/** Beside these, everything in a flat folder is an entity. */
const FLAT_FOLDERS: Folders = [
  ['groups', 'group'],
  ['listeners', 'listener'],
  ['libraries', 'library'],
  ['types/typesDisplayOptions', 'displayOptions'],
  ['types/typesRules', 'namedRules'],
];

/** An export is known by any of its folders. */
export async function findLayout(dir: string): Promise<Layout> {
  const marks = await Promise.all(EXPORT_FOLDERS.map(([folder]) => isFolder(join(dir, folder))));
  return marks.some(Boolean) ? exportLayout : flatLayout;
}

const exportLayout: Layout = {
  wanted: (path) => isApis(path) || EXPORT_FOLDERS.some(([folder]) => isWithin(path, folder) || isWithin(folder, path)),
  roleOf: (path) => (isApis(path) ? { role: 'apis' } : roleIn(EXPORT_FOLDERS, path)),
};

const flatLayout: Layout = {
  wanted: () => true,
  roleOf: (path) => (isApis(path) ? { role: 'apis' } : null) ?? roleIn(FLAT_FOLDERS, path) ?? fileRole('entity', path),
};

/** No entity of a flat folder can have this name. */
function isApis(path: string): boolean {
  return /^apis\.(ya?ml|json)$/i.test(path);
}

function roleIn(folders: Folders, path: string): FileRole | null {
  const folder = folders.find(([candidate]) => isWithin(path, candidate));
  return folder ? fileRole(folder[1], path.slice(folder[0].length + 1), folder[0]) : null;
}

function fileRole(kind: Kind, inner: string, folder?: string): FileRole {
  const [, stem = inner, extension = ''] = /^(.*)\.([^.]+)$/.exec(inner) ?? [];
  const name = stem.replaceAll('/', '.');
  const isScript = extension.toLowerCase() === 'js';
  if (!isScript && kind === 'entity') {
    if (stem === 'descriptor' || stem.endsWith('/descriptor')) return { role: 'descriptor' };
    if (name.endsWith('.records')) return { role: 'records', name: name.slice(0, -'.records'.length) };
  }
  return { role: isScript ? 'script' : 'definition', kind, name, stem: folder ? `${folder}/${stem}` : stem };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Not there, or not to be seen: reading the tree says what is wrong, if anything is.
    return false;
  }
}
