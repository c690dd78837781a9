// The app that `trebuchet init` writes: one entity with its script, one group, settings to copy, schemas for the editor.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { badRequest } from '../errors.ts';
import { editorSchemas } from './editor-schema.ts';

/**
 * Writes the starter app.
 * @returns the files written, relative to the folder
 * @throws AppError when the folder holds anything already
 */
export async function writeStarterApp(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw badRequest(`Folder ${folder} is not empty: nothing was written`);
  const schemas = [...editorSchemas()].map(([name, text]): [string, string] => [`.schemas/${name}`, text]);
  for (const [file, text] of [...Object.entries(FILES), ...schemas]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text, { flag: 'wx' });
  }
  return Object.keys(FILES);
}

const TASKS = `# yaml-language-server: $schema=.schemas/entity.schema.json
# An entity: its records are served at /data/tasks. The file's name is the entity's name.
name: tasks
label: Tasks
fields:
  - { name: title, label: Title, type: text, required: always }
  - name: state
    label: State
    type: choice
    indexable: true
    defaultValue: open
    typeRules:
      possibleValues:
        - { name: open, label: Open, color: warning }
        - { name: done, label: Done, color: success }
  - { name: dueDate, label: Due date, type: date }
  - name: assignee
    label: Assignee
    type: relationship
    typeRules: { entity: sys.users }
  - name: comments
    label: Comments
    type: nestedFields
    multiplicity: many
    nestedFields:
      - { name: date, label: Date, type: dateTime, defaultValue: $currentDate }
      - { name: text, label: Text, type: longText, required: always }
  - { name: lastUpdate, label: Last update, type: dateRecordModified }
# What a record is called wherever it is shown: a function of tasks.js.
recordLabel: js/tasksRecordLabel
`;

const TASKS_SCRIPT = `// Functions that tasks.yaml names as js/<function>. They run in a sandbox.

function tasksRecordLabel(record) {
    return record.field('title').val() + ' (' + record.field('state').val() + ')';
}
`;

const MEMBERS = `# yaml-language-server: $schema=../.schemas/group.schema.json
# A group: what its members may do. What is not named here is not allowed.
name: members
label: Members
entityPermissions:
  - entity: tasks
    read: always
    create: always
    update: { state: open }
    delete: never
    auditLogs: never
    import: false
    export: true
    fields:
      - { field: title, permission: readWrite }
      - { field: state, permission: readWrite }
      - { field: dueDate, permission: readWrite }
      - { field: assignee, permission: readWrite }
      - { field: comments, permission: readWrite }
      - { field: lastUpdate, permission: readOnly }
`;

const ENV = `# Copy to .env in the folder where you start the server; every line is optional.
# PORT=3000
# APP_NAME=tasks
# APP_TIMEZONE=UTC
# ADMIN_EMAIL=admin@example.com
# ADMIN_PASSWORD=
# MONGODB_URI=mongodb://localhost:27017/tasks?replicaSet=rs0
# REDIS_URL=redis://localhost:6379
# APP_VAR_COLOR=red replaces \${COLOR} in the files of this folder.
`;

const FILES: Readonly<Record<string, string>> = {
  'tasks.yaml': TASKS,
  'tasks.js': TASKS_SCRIPT,
  'groups/members.yaml': MEMBERS,
  '.env.example': ENV,
};
