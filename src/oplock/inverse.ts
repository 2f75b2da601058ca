import type { OplockAttributes } from './options';
import type { Oplock } from './order';

/** A condition with what stands behind its placeholders. */
export interface OplockCondition {
  readonly expression: string;
  readonly names: Readonly<Record<'#o' | '#t', string>>;
  readonly values: Readonly<Record<':o' | ':t', string | number>>;
}

/**
 * The inverse oplock: apply what is newer than the stored, drop everything else. Holds for an item that is not there
 * and for one without an oplock. On equal oplocks the tie decides; a row that has none (written before there were
 * ties) keeps what it has. DynamoDB compares just as `compareOplocks` does.
 */
export const inverseCondition = ({ at, tie }: Oplock, attributes: OplockAttributes): OplockCondition => ({
  expression: 'attribute_not_exists(#o) OR #o < :o OR (#o = :o AND #t < :t)',
  names: { '#o': attributes.oplock, '#t': attributes.tie },
  values: { ':o': at, ':t': tie },
});
