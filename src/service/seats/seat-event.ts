import type { Event } from 'oplock-stream';
import type { Seat } from './seat';

/** What other services are told: `seat-created`, `seat-updated`, `seat-deleted`, `seat-undeleted`, each with the whole seat. */
export interface SeatEvent extends Event {
  readonly seat: Pick<Seat, 'show' | 'seat' | 'price' | 'status' | 'customer'>;
}
