import { randomUUID } from 'node:crypto';

/** A seat as a client has read it. */
export interface Read {
  readonly etag: string;
  readonly price: number;
  readonly notes: readonly string[];
}

/** What one client of the HTTP API saw. */
export interface DeskReport {
  /** Ids of the commands that were answered with success. */
  readonly accepted: readonly string[];
  /** Ids of the commands that were refused with 412. */
  readonly refused: readonly string[];
  /** Requests that were sent again, with the same Idempotency-Key, because nothing or a 5xx came back. */
  readonly repeated: number;
  /** Every ETag that was received, behind the seat that it is of: `opera.A1 1700000000000`. */
  readonly seen: ReadonlySet<string>;
  /** Answers that must not be: what and why. */
  readonly wrong: readonly string[];
}

export interface DeskOptions {
  readonly endpoint: string;
  readonly seats: readonly string[];
  /** How many edits have to be accepted. */
  readonly edits: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** The latest version that any desk has seen of each seat: shared by all of them. */
  readonly latest: Map<string, number>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One person at a desk: reads a seat, writes the whole offer back with a note of its own, and when somebody was faster,
 * decides again. Each decision is a command with an id of its own, which is also the note that it leaves.
 */
export const workAtDesk = async ({ endpoint, seats, edits, random, signal, latest }: DeskOptions): Promise<DeskReport> => {
  const accepted: string[] = [];
  const refused: string[] = [];
  const seen = new Set<string>();
  const wrong: string[] = [];
  let repeated = 0;

  /** Until there is an answer: a gateway's error says nothing about what became of the command. */
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    for (let tries = 1; ; tries += 1) {
      signal.throwIfAborted();
      try {
        const response = await fetch(`${endpoint}${path}`, { ...init, signal });
        if (response.status < 500 && response.status !== 429) return response;
        await response.arrayBuffer();
      } catch (error) {
        if (signal.aborted) throw error;
      }
      repeated += 1;
      await pause(random() * Math.min(1000, 20 * 2 ** tries));
    }
  };

  /** The ETag of an answer. What anybody knew when the request was sent cannot be newer. */
  const etagIn = (answer: Response, seat: string, known: number): string | null => {
    const etag = answer.headers.get('etag');
    if (etag === null) return null;
    const version = Number(etag.slice(1, -1));
    seen.add(`${seat} ${version}`);
    if (!(version >= known)) wrong.push(`${seat}: ${answer.status} came with ETag ${etag}, and somebody had seen "${known}" before`);
    latest.set(seat, Math.max(version, latest.get(seat) ?? 0));
    return etag;
  };
  const knownOf = (seat: string): number => latest.get(seat) ?? 0;

  while (accepted.length < edits) {
    const seat = seats[Math.floor(random() * seats.length)] ?? '';
    const path = `/seats/${seat}`;
    const before = knownOf(seat);
    const found = await send(path, { method: 'GET' });
    const etag = etagIn(found, seat, before);
    const { price, notes = [] } = (await found.json()) as Partial<Read>;
    if (found.status !== 200 || etag === null || price === undefined) {
      wrong.push(`GET ${path}: ${found.status}, ETag ${etag}`);
      break;
    }
    const id = randomUUID();
    const known = knownOf(seat);
    const answer = await send(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': etag, 'idempotency-key': id },
      body: JSON.stringify({ price: price + 1, notes: [...notes, id] }),
    });
    const current = etagIn(answer, seat, known);
    await answer.arrayBuffer();
    if (answer.status === 200 && current !== null && current !== etag) accepted.push(id);
    else if (answer.status === 412 && current !== null && current !== etag) refused.push(id);
    else wrong.push(`PUT ${path} with If-Match ${etag}: ${answer.status}, ETag ${current}`);
    if (wrong.length > 10) break;
  }
  return { accepted, refused, repeated, seen, wrong };
};
