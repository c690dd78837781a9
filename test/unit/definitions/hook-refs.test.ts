// From `js/<ref>` to a function: every step of spec entity-model §5.2, and what counts as a function.
import { describe, expect, it } from 'vitest';
import { resolveHook } from '../../../src/definitions/hook-refs.ts';
import { Problems } from '../../../src/definitions/problems.ts';
import { scriptFunctions } from '../../../src/definitions/script-functions.ts';

const PLACE = { source: { file: 'a.yaml', content: {}, lineOf: () => null }, path: ['recordLabel'] };

function resolve(ref: string, source: string): { fn: string | undefined; errors: string[] } {
  const problems = new Problems();
  const scope = { file: 'a.js', functions: scriptFunctions('a.js', source, problems) };
  const hook = resolveHook(`js/${ref}`, scope, PLACE, problems);
  return { fn: hook?.fn, errors: problems.errors.map(({ message }) => message) };
}

const declare = (...names: string[]): string => names.map((name) => `function ${name}() {}`).join('\n');

describe('resolving js/<ref>', () => {
  it.each([
    ['the exact name', 'addNoteActions', ['addNoteAction', 'addNoteActions'], 'addNoteActions'],
    ['Actions as Action', 'activateActions', ['activateAction'], 'activateAction'],
    [
      'RecordLabel as RecordNameScript',
      'contactsRecordLabel',
      ['contactsRecordNameScript'],
      'contactsRecordNameScript',
    ],
    [
      'ValueCalculation as FieldCalculation',
      'fullNameValueCalculation',
      ['fullNameFieldCalculation'],
      'fullNameFieldCalculation',
    ],
    [
      'FieldCalculation as ValueCalculation',
      'fullNameFieldCalculation',
      ['fullNameValueCalculation'],
      'fullNameValueCalculation',
    ],
    ['DefaultValue as FieldDefaultValue', 'userDefaultValue', ['userFieldDefaultValue'], 'userFieldDefaultValue'],
    ['FieldDefaultValue as DefaultValue', 'userFieldDefaultValue', ['userDefaultValue'], 'userDefaultValue'],
    ['Required as FieldRequired', 'phoneRequired', ['phoneFieldRequired'], 'phoneFieldRequired'],
    ['FieldRequired as Required', 'phoneFieldRequired', ['phoneRequired'], 'phoneRequired'],
    ['Visible as FieldVisible', 'phoneVisible', ['phoneFieldVisible'], 'phoneFieldVisible'],
    ['FieldVisible as Visible', 'phoneFieldVisible', ['phoneVisible'], 'phoneVisible'],
    ['ReadAccess as FieldReadWriteAccess', 'keyReadAccess', ['keyFieldReadWriteAccess'], 'keyFieldReadWriteAccess'],
    ['WriteAccess as FieldReadWriteAccess', 'keyWriteAccess', ['keyFieldReadWriteAccess'], 'keyFieldReadWriteAccess'],
    ['FieldReadWriteAccess as ReadAccess', 'keyFieldReadWriteAccess', ['keyReadAccess'], 'keyReadAccess'],
    ['recordLabel as recordLabelCalculation', 'recordLabel', ['recordLabelCalculation'], 'recordLabelCalculation'],
    ['recordLabelCalculation as recordLabel', 'recordLabelCalculation', ['recordLabel'], 'recordLabel'],
    [
      'the exact name in another case',
      'FULLNAMEvalueCalculation',
      ['fullNameValueCalculation'],
      'fullNameValueCalculation',
    ],
    ['Action in another case', 'ActivateActions', ['activateaction'], 'activateaction'],
    ['a label in another case', 'ContactsRecordLabel', ['contactsRecordNameScript'], 'contactsRecordNameScript'],
    ['the case before a draft spelling never', 'xRequired', ['XREQUIRED', 'xFieldRequired'], 'xFieldRequired'],
  ])('takes %s', (_what, ref, names, expected) => {
    expect(resolve(ref, declare(...names))).toEqual({ fn: expected, errors: [] });
  });

  it.each([
    ['nothing like it', 'aRequired', declare('bRequired')],
    ['a draft spelling in another case', 'aRequired', declare('AFIELDREQUIRED')],
    ['a function inside another one', 'inner', 'function outer() { function inner() {} }'],
    ['a variable', 'f', 'var f = function () {};'],
    ['a property of Object.prototype', 'constructor', declare('f')],
  ])('refuses %s', (_what, ref, source) => {
    expect(resolve(ref, source)).toEqual({ fn: undefined, errors: [`Function for js/${ref} not found in a.js`] });
  });

  it.each(['async function f() {}', 'function* f() {}', 'async function* f() {}'])('refuses %s', (source) => {
    expect(resolve('f', source).errors).toEqual(['f in a.js:1 must be a plain function: hooks are synchronous']);
  });

  it('says nothing about a script that does not parse: that has been said', () => {
    expect(resolve('f', 'function f( {').errors).toEqual(['Unexpected token']);
  });
});

describe('functions of a script', () => {
  it('have the names of their parameters, blank where there is none to bind by', () => {
    const source = 'function f(record, oldRecord = null, { a }, [b], ...rest) {}';
    const functions = scriptFunctions('a.js', source, new Problems());
    expect(functions?.get('f')?.params).toEqual(['record', 'oldRecord', '', '', '']);
  });

  it('may use everything of sloppy mode and of today', () => {
    const source = '#!/usr/bin/env node\nvar c = d = 0; with (c) {} function f() { return /(?<x>a)\\k<x>/v ?? 0o7; }';
    const problems = new Problems();
    expect([...(scriptFunctions('a.js', source, problems)?.keys() ?? [])]).toEqual(['f']);
    expect(problems.errors).toEqual([]);
  });

  it('survive nesting without end', () => {
    const problems = new Problems();
    expect(scriptFunctions('a.js', '('.repeat(200_000), problems)).toBeNull();
    expect(problems.errors).toHaveLength(1);
  });
});
