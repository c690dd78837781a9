// What a listener file may say (spec entity-model §1.5).
import { type Static, Type } from 'typebox';
import { condition, flag, hook, list, map, NAME, oneOf, text } from './schema.ts';

const eventRule = map({
  type: oneOf(['recordCreated', 'recordChanged', 'recordDeleted', 'actionPerformed', 'conditionMet']),
  condition: condition('When the event counts'),
  events: list(oneOf(['userEvents', 'scriptEvents', 'systemEvents']), 'Sources; all when absent, none when empty', {
    aliases: ['sourceEvents'],
  }),
  actions: list(Type.String(), 'actionPerformed: names of the actions; all when absent', {
    single: true,
    aliases: ['action'],
  }),
  conditionType: Type.Optional(Type.String({ description: 'Older form: none, expression or script' })),
  expression: condition('Older form of condition', { movedTo: [['condition']] }),
  script: hook('Older form of condition', { movedTo: [['condition']] }),
});

export const listenerSchema = Type.Object(
  {
    name: Type.String({
      description: 'The file name without extension',
      pattern: NAME.source,
      expected: 'letters, digits and _, with a letter first',
    }),
    label: text('What people read; the name when absent'),
    description: text('Comment'),
    system: flag('Owned by the platform; no effect'),
    type: oneOf(['data', 'service', 'uiService', 'plugin', 'job', 'time', 'custom', 'package']),
    entity: text('data: full name of the entity'),
    events: list(eventRule, 'data: any of these fires the listener'),
    action: Type.String({ description: 'The script', pattern: '^js/.', expected: 'js/<function>' }),
    executeInBackground: flag('Run as a job'),
    queue: text('Queue of the job: mix, light, heavy, system'),
    avoidTriggerUiEvents: flag('No UI push; no effect'),
    dynamic: flag('Made by a package; no effect'),
    forUpdateCalculatedRecords: flag('Listener of a calculated entity'),
    jobType: text('job: startApp, stopApp, importRecords, exportRecords …'),
    event: text('job: created, started, finished …; custom: name of the event'),
    timezone: text('time: IANA zone of the expression'),
    expression: text('time: Quartz cron expression'),
    service: text('service: name of the service'),
    plugin: text('plugin: name of the plugin'),
    package: text('package: name of the package'),
  },
  { additionalProperties: false, title: 'Listener' },
);

export type EventRuleFile = Omit<Static<typeof eventRule>, 'expression' | 'script'>;
export type ListenerFile = Omit<Static<typeof listenerSchema>, 'events'> & {
  readonly events?: readonly EventRuleFile[];
};
