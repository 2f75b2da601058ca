import { bundleListener, type Bundle } from '../lib/bundles';
import { SIDES, type SideName } from './sides';

/** Where the listeners are that are bundled for Lambda. */
const FILES = {
  'ours': ['ours', 'documented'],
  'als': ['aws-lambda-stream', 'documented'],
  'powertools': ['powertools', 'documented'],
  'loop': ['loop', 'batch'],
} as const satisfies Partial<Record<SideName, readonly [file: string, exported: string]>>;

export type BundledSide = keyof typeof FILES;

export const bundleAll = async (): Promise<readonly (Bundle & { readonly name: BundledSide; readonly label: string; readonly group: (typeof SIDES)[BundledSide]['group'] })[]> =>
  Promise.all(Object.entries(FILES).map(async ([key, [file, exported]]) => {
    const name = key as BundledSide;
    return { name, label: SIDES[name].label, group: SIDES[name].group, ...await bundleListener(name, file, exported) };
  }));
