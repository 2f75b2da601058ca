import { OplockStreamError } from '../../errors';

/** DynamoDB's limit for an item: 400 KB, names and values together. */
export const MAX_ITEM_BYTES = 409_600;

/** Counts the bytes of an item while it is read, so that reading stops at the limit. */
export interface Size {
  bytes: number;
}

/** Adds; throws `ITEM_TOO_LARGE` beyond the limit. The caller counts low: the table has the final word. */
export const countBytes = (size: Size, bytes: number): void => {
  size.bytes += bytes;
  if (size.bytes <= MAX_ITEM_BYTES) return;
  throw new OplockStreamError(
    'ITEM_TOO_LARGE',
    `the write has more than ${MAX_ITEM_BYTES} bytes, DynamoDB's limit for an item. Store the large part elsewhere (S3, other items) and a reference here`,
  );
};
