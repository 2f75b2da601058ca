import { getEventListeners } from 'node:events';
import { budgetOf } from '../../../src/bff/budget';

describe('the time that a command has', () => {
  it('listens to the caller\'s signal once, however many requests there are, and leaves nothing there', () => {
    const caller = new AbortController();
    const budget = budgetOf({ signal: caller.signal });
    for (let i = 0; i < 100; i += 1) budget.signal.addEventListener('abort', () => {});
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
    budget.close();
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  });

  it('ends with the caller\'s signal, also with one that has aborted before', () => {
    const caller = new AbortController();
    const budget = budgetOf({ signal: caller.signal });
    expect(budget.signal.aborted).toBe(false);
    caller.abort();
    expect(budget.signal.aborted).toBe(true);
    expect(budgetOf({ signal: AbortSignal.abort() }).signal.aborted).toBe(true);
  });
});
