import type { BuildOptions } from 'esbuild';

export const LAMBDA: BuildOptions;
