// The compiled model: what every request works from. Built once per load of the definitions, linked and frozen. Types only.
import type { FieldType, GroupDirectory, GroupRef, OperandEnv } from '../fields/field-type.ts';
import type { Predicate } from '../query/predicate.ts';
import type { ApiModel } from './apis.ts';

/** A function of the app's code: file (relative to the definitions folder) and function name, resolved at load. */
export interface HookRef {
  /** `model/entities/companies.js` */
  readonly file: string;
  readonly fn: string;
  /** Declared parameter names, for binding by name (spec entity-model §5.2). */
  readonly params: readonly string[];
  /** As written: `js/addressesLabel`. */
  readonly ref: string;
}

/** Who and what `$currentUser`, `$currentRecord`, `currentUserField` … mean while a filter map is bound. */
export interface FilterEnv extends OperandEnv {
  /** Stored `sys.users` document of the current user (`{_id, label, data}`), or null. */
  readonly userRecord: StoredRecord | null;
  /** The record on whose behalf the filter runs (relationship filters, aggregates), or null. */
  readonly sourceRecord: StoredRecord | null;
}

/** A filter map or query, checked against its entity; `bind` yields the predicate for one evaluation (constant ones are cached). */
export interface CompiledFilter {
  readonly entity: string;
  readonly bind: (env: FilterEnv) => Predicate;
  /** Paths of the fields it reads, for access checks and cascades. */
  readonly fields: readonly Field[];
  /** False when it uses no dynamic value: then `bind` may be called once. */
  readonly dynamic: boolean;
  /**
   * Relationships whose fields it uses beyond the copied ones, outer ones first; only conditions that are evaluated in memory have
   * any. Before, `availableFields` of each must be replaced by the `data` of the record it refers to (spec entity-model §3.2.6).
   */
  readonly fetches: readonly RelatedFetch[];
}

/** A relationship by where its values are stored (`data.company`, `data.company.availableFields.owner`), and the entity it points to. */
export interface RelatedFetch {
  readonly path: string;
  readonly entity: string;
}

/** A condition value of the metadata (spec entity-model §0.3). */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'filter'; readonly filter: CompiledFilter }
  | { readonly kind: 'hook'; readonly hook: HookRef };

export type DefaultValue =
  /** As written, in the type's REST input form; decoded by the write path (a list for many). */
  | { readonly kind: 'literal'; readonly value: import('../fields/field-type.ts').Json }
  | { readonly kind: 'currentDate' }
  | { readonly kind: 'hook'; readonly hook: HookRef };

export type ValueCalculation =
  | { readonly kind: 'hook'; readonly hook: HookRef }
  | {
      readonly kind: 'aggregate';
      readonly entity: string;
      readonly filter: CompiledFilter;
      readonly operation: 'count' | 'sum' | 'avg';
      readonly field: string | null;
    };

/** A label rule of a record or of a nested group (spec entity-model §2.2). */
export type LabelRule =
  | { readonly kind: 'id' }
  /** The group's own label (single) or `<label> <position>` (many): nested groups without a rule. */
  | { readonly kind: 'static' }
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'hook'; readonly hook: HookRef };

/** A field, nested field or parameter, compiled. `O` is the type's checked options. */
export interface Field<O = unknown> {
  readonly name: string;
  readonly label: string;
  /** Dotted path from the entity's root, without indexes: `addresses.zipCode`. */
  readonly path: string;
  /** `data.` + path. */
  readonly storagePath: string;
  readonly type: FieldType<O, unknown>;
  readonly options: O;
  /** Display options of the field over those of the app (spec field-types §2.2). */
  readonly display: Readonly<Record<string, unknown>>;
  readonly many: boolean;
  /** True when the field or a group around it is a list: not sortable, filters mean "any element". */
  readonly insideMany: boolean;
  readonly parent: Field | null;
  /** Inner fields of `nestedFields`, else empty. */
  readonly fields: readonly Field[];
  readonly fieldByName: ReadonlyMap<string, Field>;
  /** Label rule of a nested group; null for other types. */
  readonly labelRule: LabelRule | null;
  readonly required: Condition;
  readonly readAccess: Condition;
  readonly writeAccess: Condition;
  readonly defaultValue: DefaultValue | null;
  readonly calculation: ValueCalculation | null;
  readonly validation: HookRef | null;
  readonly unique: boolean;
  readonly indexable: boolean;
  readonly transient: boolean;
  readonly sensitive: boolean;
  /** Relationship facts that other parts need without knowing the type; null for other types. */
  readonly relationship: RelationshipRule | null;
}

export interface RelationshipRule {
  /** Full name of the target entity. */
  readonly entity: string;
  readonly filter: CompiledFilter | null;
  /** Target field paths kept in the reference, each linked to the target's compiled field (top segment groups included). */
  readonly copiedFields: readonly Field[];
  readonly deletePolicy: 'none' | 'removeRelationship' | 'deleteRecord';
  readonly labelUpdatePolicy: boolean;
  readonly copiedFieldsUpdatePolicy: boolean;
}

export interface IndexPlan {
  /** Database index name, as the contract computes it (`data.email`, joined by `_`). */
  readonly name: string;
  readonly keys: readonly (readonly [path: string, kind: 1 | -1 | 'text' | '2dsphere'])[];
  readonly unique: boolean;
  readonly partialFilter: Readonly<Record<string, unknown>> | null;
  /** Name usable in `_indexedFilter`; only text indexes. */
  readonly kind: 'normal' | 'text';
}

export interface AuditSettings {
  readonly user: ReadonlySet<AuditEvent>;
  readonly script: ReadonlySet<AuditEvent>;
  readonly cascadeUpdates: boolean;
  readonly refactorings: boolean;
  readonly ignoredFields: { readonly user: ReadonlySet<string>; readonly script: ReadonlySet<string> };
  /** Milliseconds that logs of a deleted record are kept; 0: gone with the record; null: for ever. */
  readonly keepAfterDelete: number | null;
}
export type AuditEvent = 'recordCreated' | 'recordChanged' | 'recordDeleted' | 'actionExecuted';

export interface ActionModel {
  readonly name: string;
  readonly label: string;
  readonly type: 'oneRecord' | 'manyRecords' | 'globalEntity';
  readonly script: HookRef | null;
  readonly precondition: Condition;
  readonly parameters: readonly ParameterModel[];
  readonly resultAsResponse: boolean;
  readonly saveDataBeforeRunning: boolean;
  readonly executeInBackground: boolean;
  readonly queue: string;
  readonly restrictToOneRecord: boolean;
  readonly validation: HookRef | null;
}

export interface ParameterModel extends Field {
  readonly parameterType: 'parameter' | 'linked' | 'entityField';
  /** Target field of a linked or entity-field parameter. */
  readonly linkedField: Field | null;
}

/** One entity, compiled. */
export interface EntityModel {
  /** 24-hex, given on first start and kept in MongoDB. */
  readonly id: string;
  /** Full name: `companies`, `sys.users`. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'data' | 'enum' | 'calculated' | 'system';
  /** `entityVersion`: grows when the definition changes. */
  readonly version: number;
  readonly abstract: boolean;
  /** False for system entities that are only relationship targets as yet: REST answers 404. */
  readonly served: boolean;
  /** MongoDB collection of its records. */
  readonly collection: string;
  readonly fields: readonly Field[];
  readonly fieldByName: ReadonlyMap<string, Field>;
  /** Every field, nested ones too, by dotted path. */
  readonly fieldByPath: ReadonlyMap<string, Field>;
  /** The same, depth first in declaration order. */
  readonly allFields: readonly Field[];
  readonly labelRule: LabelRule;
  readonly lookupFields: readonly Field[];
  readonly recordValidations: readonly HookRef[];
  readonly indexes: readonly IndexPlan[];
  readonly audit: AuditSettings | null;
  readonly actions: ReadonlyMap<string, ActionModel>;
  readonly parentEntity: string | null;
  readonly enableDetailedLogging: boolean;
  /** What the entity has, so that the write path can skip whole steps. */
  readonly has: {
    readonly hooks: boolean;
    readonly defaults: boolean;
    readonly calculations: boolean;
    readonly conditions: boolean;
    readonly sensitive: boolean;
    readonly unique: boolean;
    readonly relationships: boolean;
  };
  readonly description: string;
  /** Records that travel with the definitions of an enum entity; absent where there is no file of them. */
  readonly enumRecords?: EnumRecords;
}

/** Records of an enum entity in REST form, each with its id, and what happens with them at start (spec entity-model §2.16). */
export interface EnumRecords {
  readonly sync: 'notSyncing' | 'createNewRecords' | 'createAndUpdateRecords' | 'fullSync';
  readonly records: readonly { readonly id: string }[];
}

export interface GroupModel extends GroupRef {
  /** The group's file, checked and in its canonical form. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** What members may do, by full name of the entity; on others nothing. */
  readonly grants: ReadonlyMap<string, EntityGrant>;
}

/** Kinds of rights on records, each with a condition of its own. */
export type RecordDeed = 'read' | 'create' | 'update' | 'delete' | 'auditLogs';

/** What one group may do on one entity (spec entity-model §4.2). */
export interface EntityGrant {
  /** `read` is always, never or a filter that the database can answer. */
  readonly records: Readonly<Record<RecordDeed, Condition>>;
  readonly import: boolean;
  readonly export: boolean;
  /** By path. A field at the root that is missing is hidden; an inner one is as the group of fields around it. */
  readonly fields: ReadonlyMap<string, FieldGrant>;
  /** By name; those that are missing are refused. */
  readonly actions: ReadonlyMap<string, ActionGrant>;
}

/** Inside a group of fields both count together with those of the group: narrower, never wider. */
export interface FieldGrant {
  readonly read: Condition;
  readonly write: Condition;
}

export interface ActionGrant {
  readonly condition: Condition;
  /** By name; those that are missing may be sent. */
  readonly parameters: ReadonlyMap<string, FieldGrant>;
}

export interface ListenerModel {
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly action: HookRef | null;
}

/** A source file of the app's code, placeholders replaced. */
export interface ScriptFile {
  /** Path relative to the definitions folder. */
  readonly file: string;
  readonly source: string;
  readonly kind: 'entity' | 'listener' | 'library' | 'group';
  /** Entity, listener or library name it belongs to. */
  readonly owner: string;
}

/** Everything an app defines, compiled and frozen; swapped whole on reload. */
export interface Definitions {
  /** Hash of all source files, and of the variables that their folder gives. */
  readonly hash: string;
  readonly entities: ReadonlyMap<string, EntityModel>;
  readonly groups: GroupDirectory & { readonly models: ReadonlyMap<string, GroupModel> };
  readonly listeners: readonly ListenerModel[];
  readonly apis: readonly ApiModel[];
  readonly scripts: readonly ScriptFile[];
  readonly warnings: readonly string[];
}

/**
 * A record as MongoDB keeps it (spec field-types §3). Empty values are absent. Nested items: `{_id, _label, …inner}`; relationships
 * `{_id, label, __label_lower_case__, entityId, availableFields}`; groups `{_id, label, __label_lower_case__}`; html `{plain, value}`; geo points GeoJSON.
 */
export interface StoredRecord {
  readonly _id: import('mongodb').ObjectId;
  readonly version: number;
  readonly label: string;
  readonly __label_lower_case__: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Hidden arrays of unique values in lists, by path with `.` written `-`; absent when empty. */
  readonly keys?: Readonly<Record<string, readonly unknown[]>>;
}
