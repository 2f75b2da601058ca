import type { KinesisStreamEvent } from 'aws-lambda';

/** What a listener is made with; beyond that, each side is as its users would write it. */
export interface ListenerSettings {
  readonly tableName: string;
  /** Rules, each for a kind of events. Default 1. */
  readonly kinds?: number;
}

export type Listener = (event: KinesisStreamEvent) => Promise<unknown>;

export type MakeListener = (settings: ListenerSettings) => Listener;

/** Which types a rule is for. */
export const eventTypeOf = (kind: number): RegExp => new RegExp(`^thing-${kind}-(created|updated)$`);

export const kindsOf = ({ kinds = 1 }: ListenerSettings): readonly number[] => Array.from({ length: kinds }, (_, kind) => kind);
