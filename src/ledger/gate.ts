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

export const createGate = (): Gate => new KeyGate();

/** A class, and nothing allocated for a key with one event: there are as many gates as keys. */
class KeyGate implements Gate {
  #places = 0;
  #head = 0;
  #heldAfter = Infinity;
  /** Of the places behind the head. */
  #decided: Set<number> | undefined;
  #waiting: { readonly place: number; readonly callback: () => void }[] | undefined;

  join(): number {
    this.#places += 1;
    return this.#places - 1;
  }

  decided(place: number): void {
    if (place !== this.#head) {
      if (place > this.#head) (this.#decided ??= new Set()).add(place);
      return;
    }
    this.#head += 1;
    while (this.#decided?.delete(this.#head)) this.#head += 1;
    if (!this.#waiting?.length) return;
    const open = this.#waiting.filter((one) => one.place <= this.#head);
    this.#waiting = this.#waiting.filter((one) => one.place > this.#head);
    for (const { callback } of open) callback();
  }

  isOpen(place: number): boolean {
    return place <= this.#head;
  }

  onOpen(place: number, callback: () => void): void {
    (this.#waiting ??= []).push({ place, callback });
  }

  holdAfter(place: number): void {
    this.#heldAfter = Math.min(this.#heldAfter, place);
  }

  isHeld(place: number): boolean {
    return place > this.#heldAfter;
  }
}
