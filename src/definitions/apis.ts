// `apis.yaml`: under which names the API is described, and for whom.
import { type Static, Type } from 'typebox';
import type { Defined } from './app-files.ts';
import type { GroupModel } from './model.ts';
import { at } from './place.ts';
import type { Problems } from './problems.ts';
import { flag, list, map, text } from './schema.ts';

const apiSchema = map({
  name: Type.String({
    description: 'Last part of the URL of its documentation',
    pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
    expected: 'letters, digits, _ and -, with a letter first',
  }),
  label: text('Title of the documentation; the name when absent'),
  description: text('What the API is for; Markdown'),
  license: text('Terms under which the API may be used; Proprietary when absent'),
  groups: list(
    Type.String(),
    'Names of the groups it is for: it describes what their members may do. Absent: all that developers may do',
    { single: true },
  ),
  published: flag('Its description may be read without a token'),
});

export const apisSchema = Type.Array(apiSchema, {
  title: 'APIs',
  description: 'Each has documentation of its own',
  expected: 'a list of APIs',
});

export type ApisFile = Static<typeof apisSchema>;

/** A described API. */
export interface ApiModel {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly license: string;
  /** Null: all that developers may do. */
  readonly groups: readonly string[] | null;
  readonly published: boolean;
}

/** The name of the API that developers always have. */
export const FULL_API = 'full';

/** Checks names and groups. */
export function compileApis(
  files: readonly Defined<ApisFile>[],
  groups: readonly GroupModel[],
  problems: Problems,
): readonly ApiModel[] {
  const known = new Set(groups.map(({ name }) => name));
  const names = new Set<string>([FULL_API]);
  return files.flatMap(({ content, place }) =>
    content.map(({ name, label, description, license, groups: members, published }, index) => {
      if (names.has(name)) {
        const taken = name === FULL_API ? 'is the API that developers always have' : 'is there already';
        problems.error(at(place, index, 'name'), `${name} ${taken}`);
      }
      names.add(name);
      for (const [position, group] of (members ?? []).entries()) {
        if (!known.has(group)) problems.error(at(place, index, 'groups', position), `there is no group ${group}`);
      }
      return Object.freeze({
        name,
        label: label ?? name,
        description: description ?? '',
        license: license ?? 'Proprietary',
        groups: members ? Object.freeze([...members]) : null,
        published: published ?? false,
      });
    }),
  );
}
