// `{geoNear: {coordinates, distanceField, …}}`: records by their distance from a point, nearest first (spec field-types §4.31).
import type { Document } from 'mongodb';
import { badRequest } from '../errors.ts';
import { NUMBER_FIELD } from './accumulators.ts';
import { pointIndexPath } from './geo.ts';
import {
  columnOf,
  type Draft,
  filterOn,
  freshPath,
  outputName,
  readNumber,
  refuseOthers,
  requireMap,
  resolve,
} from './pipeline.ts';
import { type Column, canRead, type Target } from './shape.ts';
import { shown } from './shown.ts';

const SETTINGS = [
  'coordinates',
  'distanceField',
  'distanceMultiplier',
  'includeLocs',
  'key',
  'minDistance',
  'maxDistance',
];

export function appendGeoNear(draft: Draft, value: unknown): void {
  if (draft.readRule === null) throw badRequest('[geoNear] can only be the first stage');
  const map = requireMap(value, 'geoNear');
  refuseOthers(map, SETTINGS, 'geoNear');
  const target = keyOf(draft, map.key);
  const columns = new Map(draft.shape.columns);
  const stage: Document = {
    near: { type: 'Point', coordinates: readPoint(map.coordinates) },
    key: pointIndexPath(target.path, isList(draft, target)),
    query: filterOn(draft, draft.shape, draft.readRule),
  };
  const addOutput = (setting: string, column: (path: string) => Column): void => {
    const path = freshPath(draft);
    stage[setting] = path;
    const name = map[setting];
    if (name !== undefined) columns.set(outputName(name, columns, 'geoNear'), column(path));
  };
  addOutput('distanceField', (path) => ({ kind: 'field', field: NUMBER_FIELD, path, selection: null }));
  if (map.includeLocs !== undefined) addOutput('includeLocs', (path) => columnOf(target, path));
  for (const name of ['minDistance', 'maxDistance', 'distanceMultiplier'] as const) {
    const number = readNumber(map[name], name, 'geoNear');
    if (number !== undefined && number < 0) throw badRequest(`[geoNear]: [${name}] can't be negative`);
    if (number !== undefined) stage[name] = number;
  }
  draft.readRule = null;
  draft.pending = null;
  draft.pipeline.push({ $geoNear: stage });
  // of a list the bare coordinates are given; without `$mergeObjects` both members would be set in each of them
  const found = stage.includeLocs as string | undefined;
  if (found !== undefined && isList(draft, target)) {
    draft.pipeline.push({ $set: { [found]: { $mergeObjects: [{ type: 'Point', coordinates: `$${found}` }] } } });
  }
  // of several locations the one that was measured is given
  const unwound = new Set([...draft.shape.unwound, ...(found === undefined ? [] : [found])]);
  draft.shape = { ...draft.shape, columns, unwound };
}

function keyOf(draft: Draft, key: unknown): Target {
  if (key !== undefined && typeof key !== 'string') throw badRequest('[geoNear]: [key] must be a field path');
  if (key !== undefined) {
    const target = resolve(draft, key);
    if (target.field.type.indexKind !== '2dsphere') throw badRequest(`[geoNear]: [${shown(key)}] is no geo point`);
    return target;
  }
  const access = draft.shape.owner.access;
  const points = draft.entity.allFields.filter(
    (field) => field.type.indexKind === '2dsphere' && canRead(access, field),
  );
  const [only] = points;
  if (!only) throw badRequest(`[geoNear]: entity [${draft.entity.name}] has no geo point`);
  if (points.length > 1) throw badRequest('[geoNear] needs the geo point to use in [key]');
  return resolve(draft, only.path);
}

function isList({ shape }: Draft, { field, path }: Target): boolean {
  return field.many && !shape.unwound.has(path);
}

function readPoint(value: unknown): [longitude: number, latitude: number] {
  const map = requireMap(value ?? {}, 'geoNear');
  const longitude = readNumber(map.longitude, 'longitude', 'geoNear');
  const latitude = readNumber(map.latitude, 'latitude', 'geoNear');
  const isPoint = longitude !== undefined && latitude !== undefined;
  if (isPoint && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90) return [longitude, latitude];
  throw badRequest('[geoNear] needs [coordinates] with a longitude and a latitude');
}
