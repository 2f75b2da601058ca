/**
 * A broker's sequence number (decimal digits, up to 129 of them) as a string that sorts by bytes as the number
 * does: the count of digits comes first. DynamoDB numbers hold 38 digits, a Kinesis sequence number has 56, so
 * a string it must be. `undefined` for anything that is not a decimal number.
 */
export const sortableSequence = (sequence: string): string | undefined => {
  if (!/^\d{1,200}$/.test(sequence)) return undefined;
  const digits = sequence.startsWith('0') ? sequence.replace(/^0+(?=\d)/, '') : sequence;
  return `${String(digits.length).padStart(3, '0')}:${digits}`;
};
