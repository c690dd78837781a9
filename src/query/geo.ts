// Points on the sphere as MongoDB measures them: GeoJSON, great circles, its own radius of the earth.

/** Radius that MongoDB calculates with, in metres. */
export const EARTH_RADIUS = 6_378_100;

/** Longitude and latitude in degrees, in the order of GeoJSON. */
export type Point = readonly [longitude: number, latitude: number];

/** The point of a stored geo value; null for anything else. */
export function pointOf(value: unknown): Point | null {
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown };
  if (type !== 'Point' || !Array.isArray(coordinates)) return null;
  const [longitude, latitude] = coordinates as unknown[];
  return typeof longitude === 'number' && typeof latitude === 'number' ? [longitude, latitude] : null;
}

/** Great-circle distance in metres. */
export function distance(a: Point, b: Point): number {
  const [aLongitude, aLatitude] = a.map(radians) as [number, number];
  const [bLongitude, bLatitude] = b.map(radians) as [number, number];
  const chord =
    Math.sin((bLatitude - aLatitude) / 2) ** 2 +
    Math.cos(aLatitude) * Math.cos(bLatitude) * Math.sin((bLongitude - aLongitude) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(chord)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/**
 * The path that is indexed for the points stored at `path`, and that `near` must name. MongoDB takes a list at the end of the path
 * for one point in its old form, so of lists the coordinates of each element are indexed.
 */
export function pointIndexPath(path: string, many: boolean): string {
  return many ? `${path}.coordinates` : path;
}
