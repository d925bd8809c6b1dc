import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { loadFunctionAllowList } from '@daam/shared/sql/functions/allow-list';
import type { GateParts } from '@daam/shared/sql/gate/decide';
import { loadParser } from '@daam/shared/sql/parser';
import { degradeMask, maskExpression } from '@daam/shared/sql/presets';

/** What the gate of a server's major version is made of: here and in the analysis thread the same. */
export async function loadGateParts(major: PostgresMajor): Promise<GateParts> {
  return {
    parser: await loadParser(major),
    functions: loadFunctionAllowList(major),
    maskExpression,
    degradeMask,
  };
}
