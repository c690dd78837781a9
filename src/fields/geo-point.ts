// `geoPoint`: a place on the earth, stored as GeoJSON (spec field-types §4.31).

import { readDecimal } from './decimal-text.ts';
import { type Decoded, type FieldType, type Json, type Operand, type OperatorCompiler, Problem } from './field-type.ts';
import { emptiness } from './operators.ts';
import { invalid } from './problems.ts';
import { isBlank, isObject, type JsonObject } from './references.ts';

export interface StoredPoint {
  readonly type: 'Point';
  readonly coordinates: readonly [longitude: number, latitude: number];
}

type Options = Readonly<Record<string, never>>;

const MESSAGE = 'Not a valid geo point';
const NUMBER = String.raw`([-+\d.eE]{1,40})`;
const PAIR = new RegExp(String.raw`^\(\s*${NUMBER}\s*,\s*${NUMBER}\s*\)$`);
const KEY = (name: string): string => String.raw`["']?${name}["']?\s*:\s*["']?${NUMBER}["']?`;
const OBJECT = new RegExp(String.raw`^\{\s*${KEY('latitude')}\s*,\s*${KEY('longitude')}\s*\}$`);
const OBJECT_REVERSED = new RegExp(String.raw`^\{\s*${KEY('longitude')}\s*,\s*${KEY('latitude')}\s*\}$`);

function decode(input: Json): Decoded<StoredPoint> {
  if (isBlank(input)) return null;
  if (typeof input === 'string') return readPoint(input) ?? invalid(MESSAGE, input);
  if (!isObject(input)) return new Problem('invalidStructure', 'Field must be an object', input);
  if (Object.values(input).every(isBlank)) return null;
  return fromObject(input) ?? invalid(MESSAGE, input);
}

function fromObject({ latitude, longitude }: JsonObject): StoredPoint | null {
  return point(coordinate(latitude), coordinate(longitude));
}

/** `(10.5,12)`, `{latitude: 10.5, longitude: 12}` with or without quotes. */
function readPoint(text: string): StoredPoint | null {
  const trimmed = text.trim();
  const [, latitude, longitude] = PAIR.exec(trimmed) ?? OBJECT.exec(trimmed) ?? [];
  if (latitude) return point(coordinate(latitude), coordinate(longitude));
  const [, second, first] = OBJECT_REVERSED.exec(trimmed) ?? [];
  return point(coordinate(first), coordinate(second));
}

function point(latitude: number | null, longitude: number | null): StoredPoint | null {
  if (latitude === null || longitude === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  // adding zero turns a negative zero into zero
  return { type: 'Point', coordinates: [longitude + 0, latitude + 0] };
}

/** A number, or the text of one. */
function coordinate(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (readDecimal(value)?.toNumber() ?? null) : null;
}

/** `near(lat,long[,min[,max]])`, distances in metres; a blank minimum is skipped. */
const near: OperatorCompiler<Options> = (operands, field, path) => {
  const problem = new Problem(
    'badRequest',
    `Operator [near] on field [${field.path}] needs a latitude, a longitude and up to two distances in metres`,
  );
  if (operands.length < 2 || operands.length > 4) return problem;
  const [latitude, longitude] = operands.map(({ value }) => coordinate(value));
  const found = point(latitude ?? null, longitude ?? null);
  const min = distance(operands[2]);
  const max = distance(operands[3]);
  if (!found || min === undefined || max === undefined) return problem;
  const [x, y] = found.coordinates;
  return { kind: 'near', path, longitude: x, latitude: y, min, max };
};

/** Null when it is not given; undefined when it is no distance. */
function distance(operand: Operand | undefined): number | null | undefined {
  if (!operand || isBlank(operand.value)) return null;
  const metres = coordinate(operand.value);
  return metres !== null && Number.isFinite(metres) && metres >= 0 ? metres : undefined;
}

const pairText = ({ coordinates: [longitude, latitude] }: StoredPoint): string => `(${latitude},${longitude})`;

export const geoPoint: FieldType<Options, StoredPoint> = {
  name: 'geoPoint',
  supports: {
    many: true,
    default: true,
    unique: false,
    required: true,
    indexable: true,
    sensitive: false,
    calculated: true,
    aggregatable: false,
  },
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  options: () => ({}),
  decode,
  fromCsv: decode,
  check: () => null,
  encode: ({ coordinates: [longitude, latitude] }) => ({ latitude, longitude }),
  plainText: pairText,
  toCsv: pairText,
  equal: (a, b) => a.coordinates[0] === b.coordinates[0] && a.coordinates[1] === b.coordinates[1],
  isEmpty: () => false,
  operators: { near, ...emptiness() },
  order: { sort: null, group: null, minMax: false, firstLast: false },
  uniqueKey: null,
  indexSuffixes: [''],
  indexKind: '2dsphere',
  schema: () => ({
    type: 'object',
    examples: [{ latitude: 10.5, longitude: 12 }],
    required: ['latitude', 'longitude'],
    properties: {
      latitude: { type: 'number', minimum: -90, maximum: 90 },
      longitude: { type: 'number', minimum: -180, maximum: 180 },
    },
  }),
};
