// URLs in the app's log: what they must not show, and that everything else stays readable.
import { expect, it } from 'vitest';
import { maskedUrl } from '../../../src/http/masked-url.ts';
import { entityOf } from '../../support/entities.ts';

const people = entityOf('people', {
  name: { type: 'text' },
  zipCode: { type: 'text' },
  code: { type: 'text' },
  taxId: { type: 'text', sensitive: true },
  home: { type: 'nestedFields', fields: { alarm: { type: 'text', sensitive: true }, city: { type: 'text' } } },
});
const named = entityOf('named', { taxId: { type: 'text', sensitive: true } });
const byTaxId = { ...named, lookupFields: named.fields };

const mask = (url: string, entity = people) => {
  const [path = ''] = url.split('?', 1);
  return maskedUrl(url, path.split('/').filter(Boolean), entity);
};

it.each([
  ['/data/people', '/data/people'],
  ['/data/people?', '/data/people?'],
  ['/data/people?name=Ann&zipCode=1&_size=5', '/data/people?name=Ann&zipCode=1&_size=5'],
  ['/data/people?taxId=12', '/data/people?taxId=****'],
  ['/data/people?name=a&taxId=equals(12)&_size=5', '/data/people?name=a&taxId=****&_size=5'],
  ['/data/people?tax%49d=12', '/data/people?tax%49d=****'],
  ['/data/people?home.alarm=12&home.city=Rome', '/data/people?home.alarm=****&home.city=Rome'],
  ['/data/people?home={"alarm":"12"}', '/data/people?home=****'],
  ['/data/people?home=%7B%22alarm%22:%2212%22%7D', '/data/people?home=****'],
  ['/data/people?home={"city":"Rome"}', '/data/people?home={"city":"Rome"}'],
  ['/data/people?_query=or(taxId=12,name=a)', '/data/people?_query=****'],
  ['/data/people?_query=or(name=b,name=a)', '/data/people?_query=or(name=b,name=a)'],
  // a field of the entity that only sounds like a secret
  ['/data/people?code=12', '/data/people?code=12'],
  ['/data/people?token=abc&access_token=d', '/data/people?token=****&access_token=****'],
  ['/users/current?password=x&newPassword=y', '/users/current?password=****&newPassword=****'],
  ['/data/people?a=%zz', '/data/people?a=%zz'],
  ['/data/people/57fd2d65e4b0ce322b0c8665?a', '/data/people/57fd2d65e4b0ce322b0c8665?a'],
])('%s', (url, wanted) => {
  expect(mask(url)).toBe(wanted);
});

it('hides the value of a lookup field that is sensitive, never an id', () => {
  expect(mask('/data/named/350-KWM', byTaxId)).toBe('/data/named/****');
  expect(mask('/data/named/350-KWM/auditLogs', byTaxId)).toBe('/data/named/****/auditLogs');
  expect(mask('/data/named/57fd2d65e4b0ce322b0c8665', byTaxId)).toBe('/data/named/57fd2d65e4b0ce322b0c8665');
});

it('has no end of its own', () => {
  const shown = mask(`/data/people?name=${'x'.repeat(10_000)}`);
  expect(shown).toHaveLength(2_001);
  expect(shown.endsWith('…')).toBe(true);
});

it('knows requests that are about no entity', () => {
  expect(maskedUrl('/users?email=a@b.c&code=5', ['users'], undefined)).toBe('/users?email=a@b.c&code=****');
});
