import { buildRenderer } from './build.ts';

await buildRenderer();
