/**
 * Lets the events of one key through in their order. A mapping may be asynchronous, and two pipelines may write
 * the same item, so a write may only start once every earlier event of its key has decided what it writes.
 * Events of other keys have other gates: nobody waits for a stranger.
 */
export interface Gate {
  /** A new event of this key; returns its place. */
  join(): number;
  /** The event at this place has decided what it writes, or that it writes nothing. */
  decided(place: number): void;
  /** Have all events before this place decided? */
  isOpen(place: number): boolean;
  /** Calls back as soon as the gate opens for this place. */
  onOpen(place: number, callback: () => void): void;
  /** Nothing after this place may be written: it is to be retried, and what it writes is not known. */
  holdAfter(place: number): void;
  isHeld(place: number): boolean;
}

export const createGate = (): Gate => {
  const decided: boolean[] = [];
  let head = 0;
  let heldAfter = Infinity;
  let waiting: { place: number; callback: () => void }[] = [];
  return {
    join: () => decided.push(false) - 1,
    decided: (place) => {
      decided[place] = true;
      const before = head;
      while (decided[head]) head += 1;
      if (head === before || waiting.length === 0) return;
      const open = waiting.filter((w) => w.place <= head);
      waiting = waiting.filter((w) => w.place > head);
      for (const { callback } of open) callback();
    },
    isOpen: (place) => place <= head,
    onOpen: (place, callback) => {
      waiting.push({ place, callback });
    },
    holdAfter: (place) => {
      heldAfter = Math.min(heldAfter, place);
    },
    isHeld: (place) => place > heldAfter,
  };
};
