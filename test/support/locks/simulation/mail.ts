/** How handles get from one node to another. */
export interface Mail {
  send(letter: Letter): void;
  /** The latest of the lock that this node has neither written nor read; nobody gets two of one acquisition. */
  take(id: string, node: string): Letter | undefined;
}

export interface Letter {
  readonly id: string;
  readonly from: string;
  readonly handle: string;
  readonly acquisitionId: string;
}

export const createMail = (): Mail => {
  const letters: Letter[] = [];
  /** Nodes that have had an acquisition, by its id. */
  const seen = new Map<string, Set<string>>();
  const known = (acquisitionId: string): Set<string> => seen.get(acquisitionId) ?? new Set();
  const learn = (acquisitionId: string, node: string): void => { seen.set(acquisitionId, known(acquisitionId).add(node)); };
  return {
    send: (letter) => {
      letters.push(letter);
      learn(letter.acquisitionId, letter.from);
    },
    take: (id, node) => {
      const letter = letters.findLast((one) => one.id === id && !known(one.acquisitionId).has(node));
      if (letter) learn(letter.acquisitionId, node);
      return letter;
    },
  };
};
