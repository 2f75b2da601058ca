import type { Letter, Parcel } from '../../../../src/sinks/publish/parcel';
import { planRequest } from '../../../../src/sinks/publish/plan-request';

const letter = (index: number, more: Partial<Letter> = {}): Letter =>
  ({ key: String(index), bytes: 1, notBefore: 0, company: Infinity, parcel: { index } as Parcel, ...more }) as Letter;
const plan = (heads: readonly Letter[], limits: { maxEvents?: number; maxBytes?: number } = {}) => {
  const { letters, wakeAt } = planRequest(heads, { maxEvents: 10, maxBytes: 10, ...limits }, 100);
  return { keys: letters.map(({ key }) => key), wakeAt };
};

describe('planRequest', () => {
  it('takes the earliest events, whatever the order of their keys', () => {
    expect(plan([letter(3), letter(1), letter(2)], { maxEvents: 2 }).keys).toEqual(['1', '2']);
  });

  it('fills the request up with what fits, and takes the first in any case', () => {
    expect(plan([letter(1, { bytes: 6 }), letter(2, { bytes: 5 }), letter(3, { bytes: 4 }), letter(4)]).keys).toEqual(['1', '3']);
    expect(plan([letter(1, { bytes: 99 }), letter(2)]).keys).toEqual(['1']);
  });

  it('leaves out what is to be tried later, and says when that is', () => {
    expect(plan([letter(1, { notBefore: 130 }), letter(2, { notBefore: 100 }), letter(3, { notBefore: 120 })])).toEqual({ keys: ['2'], wakeAt: 120 });
    expect(plan([])).toEqual({ keys: [], wakeAt: undefined });
  });

  it('keeps suspects in small company: they bring nobody, and join nobody, beyond it', () => {
    expect(plan([letter(1, { company: 2 }), letter(2), letter(3)]).keys).toEqual(['1', '2']);
    expect(plan([letter(1), letter(2), letter(3, { company: 2 }), letter(4)]).keys).toEqual(['1', '2', '4']);
    expect(plan([letter(1), letter(2, { company: 1 }), letter(3)]).keys).toEqual(['1', '3']);
  });
});
