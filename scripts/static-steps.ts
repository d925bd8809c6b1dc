/** The checks that run no code of ours: format, lint, types, boundaries. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Step } from './step.ts';

const workspaces = [
  'shared',
  'agent',
  'relay',
  'control-plane',
  'desktop',
  'desktop/renderer',
  'e2e',
  'scripts',
];
const compiler = 'node_modules/typescript-native/bin/tsc';

/** In the order in which they start; the long ones first. */
export function staticSteps(): Step[] {
  const folders = ['shared', 'agent', 'relay', 'control-plane', 'desktop', 'e2e'].filter(isPresent);
  return [
    { name: 'lint', command: ['oxlint', '--type-aware'] },
    { name: 'boundaries', command: ['depcruise', '--config', '.dependency-cruiser.cjs', ...folders] },
    { name: 'format', command: ['biome', 'format', '.'] },
    ...workspaces
      .filter((folder) => isPresent(join(folder, 'tsconfig.json')))
      .map((folder): Step => ({ name: `types of ${folder}`, command: ['node', compiler, '-p', folder] })),
  ];
}

function isPresent(path: string): boolean {
  return existsSync(join(root, path));
}
