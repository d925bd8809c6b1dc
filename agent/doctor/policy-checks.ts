import type { RelationAccess } from '@daam/shared/sql/access';
import type { CatalogRelation } from '@daam/shared/sql/catalog';
import { quoteIdentifier, quoteQualified } from '@daam/shared/sql/quote';
import type { Complaint, PolicyCheck, PolicyFacts } from './check.ts';

/** Checks of what the policies come to on this database's tables. */
export const policyChecks: readonly PolicyCheck[] = [
  {
    id: 'agent-grant-option',
    severity: 'warning',
    find: (facts) =>
      granted(facts, ({ withheld }) => (withheld?.size ?? 0) > 0).map(({ access }) => {
        const operations = [...(access.withheld ?? [])].join(', ').toUpperCase();
        const table = quoteQualified(access.schema, access.name);
        const schema = quoteIdentifier(access.schema);
        const role = quoteIdentifier(facts.role);
        return {
          object: `${access.schema}.${access.name}`,
          message: `A policy grants ${operations}, which the agent’s role may not pass on. Nobody gets it.`,
          mend: `GRANT USAGE ON SCHEMA ${schema} TO ${role} WITH GRANT OPTION; GRANT SELECT, INSERT, UPDATE, DELETE, REFERENCES ON TABLE ${table} TO ${role} WITH GRANT OPTION;`,
        };
      }),
  },
  {
    id: 'refused-relation',
    severity: 'warning',
    find: (facts) =>
      granted(facts, ({ refusal }) => refusal !== null).map(({ access, relation }) => ({
        object: `${access.schema}.${access.name}`,
        message: `A policy grants it, and it is refused: ${access.refusal?.message ?? ''}`,
        mend: mendOf(access, relation),
      })),
  },
  {
    id: 'generated-column',
    severity: 'info',
    find: (facts) =>
      columnsOf(facts, ({ generatedFrom }) => generatedFrom !== null).map(({ title, column }) => ({
        object: `${title}.${column}`,
        message:
          'The generated column is computed from a masked one, or masked itself. Without a mask of its own it is redacted.',
        mend: null,
      })),
  },
  {
    id: 'trigger-on-masked',
    severity: 'info',
    find: (facts) =>
      maskedRelations(facts)
        .filter(({ userTriggers }) => userTriggers.length > 0)
        .map((relation) => ({
          object: titleOf(relation),
          message: `Triggers fire on ${relation.userTriggers.join(', ')} and see rows unmasked: what they raise is not shown, and until the transaction ends value masks show as ***. Vouch for them if they are harmless.`,
          mend: null,
        })),
  },
  {
    id: 'masked-partition-key',
    severity: 'warning',
    find: (facts) =>
      facts.details.partitionKeys.flatMap(({ oid, strategy, attnums }) =>
        maskedNames(facts, oid, attnums).map(({ title, column }): Complaint => {
          const isList = strategy === 'l';
          return {
            object: `${title}.${column}`,
            message: isList
              ? 'The masked column is the key of LIST partitions: the catalogue shows its values to everyone.'
              : 'The masked column is a partition key: the catalogue shows the partitions’ bounds to everyone.',
            mend: null,
            severity: isList ? 'warning' : 'info',
          };
        }),
      ),
  },
  {
    id: 'masked-literal',
    severity: 'info',
    find: ({ details, ...facts }) =>
      details.literals.flatMap(({ oid, attnum, what }) =>
        maskedNames({ ...facts, details }, oid, [attnum]).map(({ title, column }) => ({
          object: `${title}.${column}`,
          message: `The ${what} compares the masked column with constants, which the catalogue shows to everyone.`,
          mend: null,
        })),
      ),
  },
  {
    id: 'row-security-on-masked',
    severity: 'warning',
    find: ({ details, ...facts }) =>
      details.policies.flatMap(({ oid, attnum, name }) =>
        maskedNames({ ...facts, details }, oid, [attnum]).map(({ title, column }) => ({
          object: `${title}.${column}`,
          message: `The row security policy ${name} decides by the masked column which rows are seen, and so tells about it.`,
          mend: null,
        })),
      ),
  },
  {
    id: 'row-security-by-role',
    severity: 'info',
    find: (facts) => {
      const bound = new Set(facts.details.roleBound.map(({ oid }) => oid));
      return granted(facts, ({ oid }) => bound.has(oid)).map(({ access }) => ({
        object: `${access.schema}.${access.name}`,
        message:
          'Its row security policies name roles, and sessions of the agent have roles of their own: they see no rows. Use row filters in the policy instead.',
        mend: null,
      }));
    },
  },
  {
    id: 'extended-statistics',
    severity: 'warning',
    find: (facts) =>
      facts.details.statisticsArePrivate
        ? []
        : facts.details.statistics.flatMap(({ oid, attnums, name }) =>
            maskedNames(facts, oid, attnums).map(({ title, column }) => ({
              object: `${title}.${column}`,
              message: `pg_stats_ext shows the most common values of statistics ${name} to every role that may read the columns (CVE-2024-4317). Run fix-CVE-2024-4317.sql of the server’s share directory as a superuser, or drop the statistics.`,
              mend: `DROP STATISTICS ${name};`,
            })),
          ),
  },
  {
    id: 'policy-matches-nothing',
    severity: 'warning',
    find: ({ warnings }) =>
      warnings.map(({ message, origin }) => ({
        object: `${origin.policy} v${origin.version}`,
        message: `${message} A misspelling, most likely.`,
        mend: null,
      })),
  },
  {
    id: 'out-of-scope',
    severity: 'info',
    find: ({ outOfScope, scope }) =>
      scope === null
        ? []
        : outOfScope.map((table) => ({
            object: table,
            message: 'A policy grants it, and upstream.scope of the agent’s own configuration leaves it out.',
            mend: null,
          })),
  },
];

interface Granted {
  readonly access: RelationAccess;
  readonly relation: CatalogRelation | undefined;
}

/** Relations that some policy grants, each once: as the first policy sees it that `isMeant`. */
function granted(
  { accesses, catalog }: PolicyFacts,
  isMeant: (access: RelationAccess) => boolean,
): readonly Granted[] {
  const found = new Map<number, Granted>();
  for (const { relations } of accesses) {
    for (const access of relations.values()) {
      if (found.has(access.oid) || !isMeant(access)) continue;
      found.set(access.oid, { access, relation: catalog.relations.get(access.oid) });
    }
  }
  return [...found.values()];
}

function maskedRelations({ masked, catalog }: PolicyFacts): readonly CatalogRelation[] {
  return [...masked.keys()].flatMap((oid) => catalog.relations.get(oid) ?? []);
}

interface NamedColumn {
  readonly title: string;
  readonly column: string;
}

function columnsOf(
  facts: PolicyFacts,
  isMeant: (column: CatalogRelation['columns'][number]) => boolean,
): readonly NamedColumn[] {
  return maskedRelations(facts).flatMap((relation) =>
    relation.columns
      .filter((column) => facts.masked.get(relation.oid)?.has(column.attnum) === true && isMeant(column))
      .map(({ name }) => ({ title: titleOf(relation), column: name })),
  );
}

function maskedNames(facts: PolicyFacts, oid: number, attnums: readonly number[]): readonly NamedColumn[] {
  const relation = facts.catalog.relations.get(oid);
  if (relation === undefined) return [];
  return relation.columns
    .filter(({ attnum }) => attnums.includes(attnum) && facts.masked.get(oid)?.has(attnum) === true)
    .map(({ name }) => ({ title: titleOf(relation), column: name }));
}

function mendOf(access: RelationAccess, relation: CatalogRelation | undefined): string | null {
  if (access.refusal?.rule !== 'view-invoker-rights' || relation === undefined) return null;
  return `ALTER VIEW ${quoteQualified(relation.schema, relation.name)} RESET (security_invoker);`;
}

function titleOf({ schema, name }: CatalogRelation): string {
  return `${schema}.${name}`;
}
