import type { Change } from './change';
import { textOf } from './change';
import { own } from '../found';

/**
 * Whether a change was replicated here from another region of a global table, which has announced it already.
 *
 * Two attributes of the newest image in the record are looked at, in this order, and compared with the region of
 * the stream: `aws:rep:updateregion`, which global tables of version 2017.11.29 write, and `awsregion`, which
 * applications write by aws-lambda-stream's convention (version 2019.11.21 adds nothing of its own to a row).
 * They name the region that wrote the row last, so a delete is announced by that region and by no other.
 * Without an image, without these attributes or without a region it cannot be told, and it is taken as our own:
 * announced twice is a duplicate, announced nowhere is a loss. DynamoDB Local has no regions, and calls its own `ddblocal`.
 */
export const isReplica = ({ newImage, oldImage, region }: Change): boolean => {
  const image = newImage ?? oldImage;
  const writtenIn = textOf(own(image, 'aws:rep:updateregion')) ?? textOf(own(image, 'awsregion'));
  return Boolean(writtenIn) && Boolean(region) && region !== 'ddblocal' && writtenIn !== region;
};
