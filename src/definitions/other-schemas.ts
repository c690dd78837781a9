// What the smaller files may say: libraries, folder descriptors, named types, records of enum entities (spec entity-model §0.2, §1.3, §2.16).
import { type Static, Type } from 'typebox';
import { DOTTED_NAME, flag, text } from './schema.ts';

export const librarySchema = Type.Object(
  {
    name: Type.String({
      description: 'Folders and name joined by dots; reached in scripts as app.<name>',
      pattern: DOTTED_NAME.source,
      expected: 'letters, digits and _, parts joined by dots',
    }),
    label: text('What people read'),
    description: text('Comment'),
    system: flag('Owned by the platform; no effect'),
  },
  { additionalProperties: false, title: 'Library' },
);

export const descriptorSchema = Type.Object(
  { label: text('Label of the folder') },
  { additionalProperties: false, title: 'Folder descriptor' },
);

export const namedTypeSchema = Type.Object(
  {
    name: Type.String({ description: 'The file name without extension' }),
    label: text('What people read'),
    type: Type.String({ description: 'Field type' }),
    defaultSettings: flag('Counts for every field of the type'),
    rules: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { expected: 'a map' })),
    description: text('Comment'),
    system: flag('Owned by the platform; no effect'),
  },
  { additionalProperties: false, title: 'Named rules or display options of a type' },
);

export const recordsSchema = Type.Array(
  Type.Object({
    id: Type.String({ description: 'Id of the record', pattern: '^[0-9a-fA-F]{24}$', expected: '24 hex digits' }),
  }),
  {
    title: 'Records of an enum entity',
    description: 'Each record as REST takes it, with its id',
    expected: 'a list of records',
  },
);

export type LibraryFile = Static<typeof librarySchema>;
export type NamedTypeFile = Static<typeof namedTypeSchema>;
export type RecordsFile = Static<typeof recordsSchema>;
