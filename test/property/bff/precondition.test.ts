import fc from 'fast-check';
import { ABSENT, conditionalGet, etagOf, expectedOf, preconditionOf, PRESENT, type Expected, type Version } from '../../../src/bff';

const versions = fc.constantFrom<Version>(1, 2, '2', 'a', 'b,c', '"');
const tags = fc.array(fc.tuple(versions, fc.boolean()).map(([version, weak]) => `${weak ? 'W/' : ''}${etagOf(version)}`), { minLength: 1, maxLength: 3 });
const header = fc.oneof({ weight: 1, arbitrary: fc.constant(['*']) }, { weight: 4, arbitrary: tags });
const headers = fc.record({ 'if-match': header, 'if-none-match': header }, { requiredKeys: [] });

/** RFC 9110, 13.1.1 and 13.1.2, by the text: tags against the tag of what is there, if anything is. */
const ifMatchHolds = (list: readonly string[], etag: string | undefined): boolean =>
  list[0] === '*' ? etag !== undefined : list.some((tag) => !tag.startsWith('W/') && tag === etag);
const ifNoneMatchHolds = (list: readonly string[], etag: string | undefined): boolean =>
  list[0] === '*' ? etag === undefined : !list.some((tag) => tag.replace(/^W\//, '') === etag);

const isExpected = (expected: Expected, version: Version | undefined): boolean => {
  if (expected === ABSENT) return version === undefined;
  if (expected === PRESENT) return version !== undefined;
  return version !== undefined && (expected as readonly Version[]).includes(version);
};

describe('preconditions', () => {
  it('of commands hold when RFC 9110 says so, or are refused because no command can be told', () => {
    fc.assert(fc.property(headers, fc.option(versions, { nil: undefined }), (given, version) => {
      const etag = version === undefined ? undefined : etagOf(version);
      const holds = (!given['if-match'] || ifMatchHolds(given['if-match'], etag)) && (!given['if-none-match'] || ifNoneMatchHolds(given['if-none-match'], etag));
      const precondition = preconditionOf(given, { required: false });
      try {
        const expected = expectedOf(precondition);
        if (precondition.kind !== 'none') expect(isExpected(expected, version)).toBe(holds);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_PRECONDITION', statusCode: 400 });
        expect(given['if-none-match']?.[0]).not.toBe('*');
        expect([undefined, '*']).toContain(given['if-match']?.[0]);
      }
    }), { numRuns: 1000 });
  });

  it('of reading give the status of RFC 9110', () => {
    fc.assert(fc.property(headers, versions, (given, version) => {
      const etag = etagOf(version);
      const expected = given['if-match'] && !ifMatchHolds(given['if-match'], etag) ? 412 : given['if-none-match'] && !ifNoneMatchHolds(given['if-none-match'], etag) ? 304 : 200;
      const commands = { versionOf: () => version, withoutManaged: (item: object) => item };
      expect(conditionalGet({}, given, { commands }).statusCode).toBe(expected);
    }), { numRuns: 1000 });
  });
});
