// Named rules and display options of `model/types`, and the app-wide display defaults among them (spec entity-model §1.3).
import { resolveFieldType } from '../fields/index.ts';
import type { AppFiles } from './app-files.ts';
import { type NamedTypes, namedKey } from './compilation.ts';
import type { Declared } from './declared.ts';
import type { NamedTypeFile } from './other-schemas.ts';
import { at } from './place.ts';
import type { Problems } from './problems.ts';

/** Sorts the files by what they are; `types/<name>` and the display options of fields look them up. */
export function readNamedTypes(files: AppFiles['namedTypes'], problems: Problems): NamedTypes {
  const rules = new Map<string, Declared<NamedTypeFile>>();
  const display = new Map<string, Declared<NamedTypeFile>>();
  const defaults = new Map<string, Readonly<Record<string, unknown>>>();
  for (const file of files) {
    const { content, place } = file;
    const type = resolveFieldType(content.type);
    if (!type) {
      problems.error(at(place, 'type'), `there is no field type ${content.type}`);
      continue;
    }
    const key = namedKey(type.name, content.name);
    (file.kind === 'namedRules' ? rules : display).set(key, file);
    if (file.kind !== 'displayOptions' || content.defaultSettings !== true) continue;
    if (defaults.has(type.name))
      problems.warn(place, `type ${type.name} has default display options already; these are ignored`);
    else defaults.set(type.name, Object.freeze({ ...content.rules }));
  }
  return { rules, display, defaults };
}
