import type { Outcome } from '../../outcome';
import type { TableKey } from '../engines/table-key';
import type { ItemDiff } from '../table/diff';
import type { PlainItem } from '../table/plain';

/** What one delivery of one event meant for the item. */
export interface Chapter {
  /** Place among all deliveries, from 1. */
  readonly delivery: number;
  readonly event?: { readonly id: string; readonly type: string; readonly timestamp: number };
  /** Of the rules that wrote the item, or would have; of a record that could not be read, without a pipeline. */
  readonly parts: readonly { readonly pipeline: string; readonly outcome: Outcome }[];
  /** A write of the item was asked for; false: an event of its partition that no rule made a write of it. */
  readonly asked: boolean;
  /** What it changed: `actual` after it, `expected` before it. */
  readonly changes: ItemDiff['attributes'];
}

/** The story of one item, delivery by delivery. */
export interface Story {
  readonly key: PlainItem;
  readonly table: TableKey;
  readonly deliveries: number;
  readonly chapters: readonly Chapter[];
  /** The item in the end; absent when there is none. */
  readonly item?: PlainItem;
}
