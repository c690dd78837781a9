// An aggregate while it is compiled: the stages so far, and what documents look like after them.
import type { Binary, Document } from 'mongodb';
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { badRequest } from '../errors.ts';
import { Problem, type ValueEnv } from '../fields/field-type.ts';
import { problemError } from './compiler.ts';
import type { QueryLimits } from './limits.ts';
import type { Predicate } from './predicate.ts';
import { type FieldColumn, resolvePath, type Shape, type Target } from './shape.ts';
import { shown } from './shown.ts';
import { factsOfShape } from './storage-facts.ts';
import { SYSTEM_FIELDS } from './system-fields.ts';
import { toMongo } from './to-mongo.ts';

/** Who aggregates, and what the stages may reach. */
export interface AggregateEnv {
  /** Rights on any entity: the aggregated one and those of lookups. */
  readonly accessTo: (entity: EntityModel) => EntityAccess;
  readonly entities: (name: string) => EntityModel | undefined;
  readonly env: ValueEnv;
  /** For `currentUserField` in scripts. */
  readonly userRecord?: StoredRecord | null;
  /** Hashes for filters on sensitive fields. */
  readonly sealer: { hashes(value: unknown): readonly Binary[] };
  /** Over REST a grouped relationship is its label, in scripts the reference (spec scripting-api §1.9). */
  readonly scope: 'rest' | 'script';
  readonly limits?: QueryLimits;
}

type Order = Readonly<Record<string, 1 | -1>>;

/** Compiled step by step: stages append to the pipeline and replace the shape. */
export interface Draft {
  readonly entity: EntityModel;
  readonly env: AggregateEnv;
  readonly limits: QueryLimits;
  readonly pipeline: Document[];
  /** The reader's record rule while it is not in the pipeline yet; null: it is. */
  readRule: Predicate | null;
  shape: Shape;
  /** Order of the rows when no stage sorted them, not in the pipeline yet; null: it is settled. */
  pending: Order | null;
  /** Makes any order a total one. */
  ties: Order;
  /** Values made so far; their names never meet those of people. */
  made: number;
}

/** The order that later stages and the reader see, put into the pipeline when it isn't yet. */
export function settleOrder(draft: Draft): void {
  if (draft.pending && Object.keys(draft.pending).length > 0) draft.pipeline.push({ $sort: draft.pending });
  draft.pending = null;
}

/** A name in the documents for a value that a stage makes. */
export function freshPath(draft: Draft): string {
  return `v${draft.made++}`;
}

/** @throws AppError `badRequest` for unknown paths, `forbidden` for hidden fields */
export function resolve(draft: Draft, path: string, shape = draft.shape): Target {
  const target = resolvePath(shape, path, { ignoreCase: false });
  if (target instanceof Problem) throw problemError(target);
  return target;
}

/** A filter for documents of a shape. */
export function filterOn({ entity, env }: Draft, shape: Shape, predicate: Predicate): Document {
  return toMongo(predicate, { entity, sealer: env.sealer, facts: factsOfShape(shape) });
}

/** Puts the reader's record rule in front of everything else. */
export function startPipeline(draft: Draft): void {
  const rule = draft.readRule;
  draft.readRule = null;
  if (rule && rule.kind !== 'all') draft.pipeline.push({ $match: filterOn(draft, draft.shape, rule) });
}

/** A target as a column of its own; parts of values are ids and texts. */
export function columnOf(target: Target, path: string): FieldColumn {
  const part: Field | undefined =
    target.part === null ? undefined : SYSTEM_FIELDS.get(target.part === 'id' ? 'id' : 'label');
  return { kind: 'field', field: part ?? target.field, path, selection: null, owner: target.owner };
}

const OUTPUT_NAME = /^[A-Za-z]\w{0,99}$/;

/**
 * Checks a name that a client gives to an output.
 * @throws AppError `badRequest` for anything but letters, digits and underscores, and for names that are taken
 */
export function outputName(name: unknown, taken: ReadonlyMap<string, unknown>, stage: string): string {
  if (typeof name !== 'string' || !OUTPUT_NAME.test(name)) {
    throw badRequest(`[${stage}] needs names of letters, digits and underscores for its outputs`);
  }
  if (taken.has(name)) throw badRequest(`[${stage}] can't make [${name}]: the name is taken`);
  return name;
}

/** The settings of a stage as an object. */
export function requireMap(value: unknown, stage: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`[${stage}] needs an object with its settings`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Refuses settings that a stage does not have. */
export function refuseOthers(map: Readonly<Record<string, unknown>>, known: readonly string[], stage: string): void {
  const other = Object.keys(map).find((key) => !known.includes(key));
  if (other !== undefined) throw badRequest(`[${stage}] has no setting [${shown(other)}]`);
}

/** Paths of a comma separated text or a list, at least one. */
export function readPaths(draft: Draft, value: unknown, stage: string): readonly string[] {
  const texts = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
    throw badRequest(`[${stage}] needs field paths, separated by commas`);
  }
  const paths = [...new Set(texts.map((text: string) => text.trim()))];
  if (paths.length === 0 || paths.includes('')) throw badRequest(`[${stage}] needs field paths, separated by commas`);
  if (paths.length > draft.limits.stageEntries) {
    throw badRequest(`[${stage}] takes at most ${draft.limits.stageEntries} fields`);
  }
  return paths;
}

/** A number setting, or undefined when it is absent. */
export function readNumber(value: unknown, name: string, stage: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badRequest(`[${stage}]: [${name}] must be a number`);
  return value;
}
