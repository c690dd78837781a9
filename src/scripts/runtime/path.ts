// Field paths as scripts write them: `name`, `address.state`, `addresses[0].state` (spec scripting-api §1.6).
import { badRequest } from './exceptions.ts';

export interface Step {
  readonly name: string;
  readonly index: number | null;
}

const STEP = /^([A-Za-z_$][\w$]*)(?:\[(\d{1,9})\])?$/;

/**
 * Cuts a path into steps.
 * @throws ScriptException `badRequest` for anything that is no path
 */
export function parsePath(path: unknown): readonly Step[] {
  if (typeof path !== 'string' || path === '') throw badRequest(`Path [${String(path)}] is not valid`);
  return path.split('.').map((part) => {
    const [, name, index] = STEP.exec(part) ?? [];
    if (name === undefined) throw badRequest(`Path [${path}] is not valid`);
    return { name, index: index === undefined ? null : Number(index) };
  });
}
