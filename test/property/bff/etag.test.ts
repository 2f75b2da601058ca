import fc from 'fast-check';
import { etagOf, parseTags, preconditionOf, expectedOf, versionsOf, type Version } from '../../../src/bff';
import { PRESENT } from '../../../src/bff';

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
const texts = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }).filter(isWellFormed),
  fc.string({ minLength: 1, unit: fc.constantFrom('"', ',', '%', '\\', ' ', 'W', '/', '*', '1', 'é', '\u{1F3AD}', '\0', '\x7f', '2') }),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '1e3', '007', '-0', '%31', '%', '%zz', '*', 'W/"x"'),
);
const versions: fc.Arbitrary<Version> = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), texts);

const asText = (version: Version): string => (typeof version === 'number' ? `${version}` : version);

describe('ETags', () => {
  it('hold nothing but what RFC 9110 allows', () => {
    fc.assert(fc.property(versions, (version) => {
      expect(etagOf(version)).toMatch(/^"[\x21\x23-\x7e]+"$/);
    }));
  });

  it('of different versions are different, but for a number and its text', () => {
    fc.assert(fc.property(versions, versions, (a, b) => {
      expect(etagOf(a) === etagOf(b)).toBe(asText(a) === asText(b));
    }));
  });

  it('lead back to their versions, from any list', () => {
    const separators = fc.constantFrom(',', ', ', ' ,\t', ',,', ' , ,');
    fc.assert(fc.property(fc.array(fc.tuple(versions, fc.boolean(), separators), { minLength: 1, maxLength: 5 }), (list) => {
      const header = list.map(([version, weak, separator]) => `${weak ? 'W/' : ''}${etagOf(version)}${separator}`).join('');
      const tags = parseTags(header, 'If-Match');
      if (tags === '*') throw new Error('A list is no star.');
      expect(tags.map(({ tag, weak }) => [`"${tag}"`, weak])).toEqual(list.map(([version, weak]) => [etagOf(version), weak]));
      const strong = new Set(list.filter(([, weak]) => !weak).map(([version]) => asText(version)));
      expect(new Set(versionsOf(tags).map(asText))).toEqual(strong);
      for (const [version, weak] of list) if (!weak) expect(versionsOf(tags)).toContain(Object.is(version, -0) ? 0 : version);
    }));
  });

  it('of whatever text is sent: a list, a star, or a refusal with 400', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', 'W/', ',', ' ', '*', 'a', '%', '1', '\n') }), (header) => {
      try {
        const expected = expectedOf(preconditionOf({ 'if-match': header }));
        if (expected === PRESENT) expect(header.replace(/[ ,]/g, '')).toBe('*');
        else expect(Array.isArray(expected)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_PRECONDITION', statusCode: 400 });
      }
    }));
  });
});
