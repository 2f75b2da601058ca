import type { Letter } from './parcel';

/** The letters of each key, in the order of their events. */
export interface KeyLanes {
  add(letter: Letter): void;
  /** The first letter of each key. Those whose uow has ended by another one of its letters are left out. */
  heads(): Letter[];
  /** It was stored, or will not be sent: the next one of its key may go. */
  remove(letter: Letter): void;
  /** Nothing more of this key is sent in this invocation. */
  hold(key: string): void;
  isHeld(key: string): boolean;
  /** All letters that wait. */
  all(): Letter[];
}

export const createKeyLanes = (): KeyLanes => {
  const lanes = new Map<string, Letter[]>();
  const held = new Set<string>();
  return {
    add: (letter) => {
      let lane = lanes.get(letter.key);
      if (!lane) lanes.set(letter.key, (lane = []));
      // From the back: they arrive almost in order, unless a mapping is asynchronous.
      let at = lane.length;
      while (at > 0 && (lane[at - 1] as Letter).parcel.index > letter.parcel.index) at -= 1;
      lane.splice(at, 0, letter);
    },
    heads: () => {
      const heads: Letter[] = [];
      for (const [key, lane] of lanes) {
        while (lane[0]?.parcel.over) lane.shift();
        if (lane[0]) heads.push(lane[0]);
        else lanes.delete(key);
      }
      return heads;
    },
    remove: (letter) => {
      const lane = lanes.get(letter.key);
      const at = lane?.indexOf(letter) ?? -1;
      if (at >= 0) lane?.splice(at, 1);
    },
    hold: (key) => {
      held.add(key);
    },
    isHeld: (key) => held.has(key),
    all: () => [...lanes.values()].flat(),
  };
};
