import { isMap, isSeq, type CollectionTag, type ScalarTag } from 'yaml';

const FUNCTIONS = ['And', 'Base64', 'Equals', 'FindInMap', 'GetAtt', 'GetAZs', 'If', 'ImportValue', 'Join', 'Not', 'Or', 'Select', 'Split', 'Sub'];

const longForm = (name: string, value: unknown): object => {
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  // In the short form, the attribute follows the first dot.
  if (name === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': [value.split('.', 1)[0], value.slice(value.indexOf('.') + 1)] };
  return { [`Fn::${name}`]: value };
};

/** CloudFormation's short forms (`!Ref x`, `!GetAtt a.b`, …) for the parser: they become the long forms, as osls has it. */
export const cloudFormationTags: readonly (ScalarTag | CollectionTag)[] = [...FUNCTIONS, 'Ref', 'Condition'].flatMap((name): readonly (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (text) => longForm(name, text) },
  { tag: `!${name}`, collection: 'seq', resolve: (node) => (isSeq(node) ? longForm(name, node.toJSON()) : node) },
  { tag: `!${name}`, collection: 'map', resolve: (node) => (isMap(node) ? longForm(name, node.toJSON()) : node) },
]);
