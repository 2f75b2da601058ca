import fc from 'fast-check';
import { encodeResult, MAX_RESULT_BYTES } from '../../../../src/locks/claim/result';
import { readClaim } from '../../../../src/locks/claim/row';

const decoded = (result: string | undefined): unknown => {
  const read = readClaim({ claimId: 'c', state: 'DONE', expiresAtMs: 1, ...(result === undefined ? {} : { result }) });
  if (read.kind === 'invalid') throw new Error(read.problem);
  return read.row.result;
};

const circular: unknown[] = [];
circular.push(circular);
class Seat { readonly row = 1; }

describe('the result of a claim', () => {
  it('comes back as it was given, whatever plain JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const back = decoded(encodeResult('k', value));
      expect(back).toEqual(JSON.parse(JSON.stringify(value)));
    }), { numRuns: 200 });
  });

  it('may be absent', () => {
    expect(encodeResult('k', undefined)).toBeUndefined();
    expect(decoded(undefined)).toBeUndefined();
    expect(decoded(encodeResult('k', null))).toBeNull();
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['a date', { at: [new Date(0)] }, /result\.at\[0\] is an object of Date/],
    ['a map', new Map(), /result is an object of Map/],
    ['an instance', { seat: new Seat() }, /result\.seat is an object of Seat/],
    ['NaN', { price: NaN }, /result\.price is NaN/],
    ['infinity', [Infinity], /result\[0\]/],
    ['a bigint', 1n, /the integer 1/],
    ['a function', { run: () => {} }, /result\.run is a function/],
    ['a hole', [1, undefined], /result\[1\] is undefined/],
    ['a promise', { later: Promise.resolve(1) }, /result\.later is a promise/],
    ['bytes', new Uint8Array(3), /binary/],
    ['itself', circular, /contains itself/],
    ['its own JSON', { toJSON: () => 1 }, /result is an object/],
  ])('is refused when it is %s', (_what, value, message) => {
    expect(() => encodeResult('mail', value)).toThrow(expect.objectContaining({ code: 'CLAIM_RESULT', message: expect.stringMatching(message) }));
  });

  it('fits into a row', () => {
    expect(encodeResult('k', 'x'.repeat(MAX_RESULT_BYTES - 2))).toHaveLength(MAX_RESULT_BYTES);
    expect(() => encodeResult('k', 'x'.repeat(MAX_RESULT_BYTES - 1))).toThrow(/350001 bytes.*takes 350000/);
    expect(() => encodeResult('k', 'ü'.repeat(MAX_RESULT_BYTES / 2))).toThrow(/bytes/);
  });
});

describe('the row of a claim', () => {
  const row = { claimId: 'c', state: 'CLAIMED', expiresAtMs: 5, attempts: 2, ownerName: 'a' };

  it('is read', () => {
    expect(readClaim({ ...row, foreign: 1 })).toEqual({ kind: 'claim', row: { ...row, result: undefined } });
  });

  it.each([{ claimId: 1 }, { state: 'BUSY' }, { expiresAtMs: '5' }, { result: 5 }, { result: '{' }])('is none with %j', (wrong) => {
    expect(readClaim({ ...row, ...wrong })).toEqual({ kind: 'invalid', problem: expect.stringContaining(Object.keys(wrong)[0] ?? '') });
  });
});
