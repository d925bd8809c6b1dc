/** `node scripts/generate-cli-docs.ts`: writes docs/cli.md from the commands of `daam`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands } from '../desktop/cli/command-list.ts';
import { cliReference } from '../desktop/cli/reference.ts';
import { root } from './step.ts';

await writeFile(join(root, 'docs', 'cli.md'), cliReference(commands));
