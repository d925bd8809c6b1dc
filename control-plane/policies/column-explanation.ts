import type { ColumnExplanation } from '@daam/shared/api/policies';
import type { TableOperation } from '@daam/shared/policy/effective-policy';
import { explainColumn, type ExplainedRule } from '@daam/shared/policy/explain';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { RelationAccess } from '@daam/shared/sql/access';
import type { CatalogColumn } from '@daam/shared/sql/catalog';
import { describeColumn, findRelation, type PersonColumn } from '@daam/shared/sql/person-access';
import type { AccessAsked } from './effective-access.ts';
import { withoutValues } from './effective-access.ts';
import { plain } from './plain.ts';

export interface ColumnAsked extends Omit<AccessAsked, 'limit' | 'after' | 'table'> {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly operation: TableOperation;
}

type Rule = ColumnExplanation['rules'][number];

/**
 * Why somebody can or cannot use a column. The verdict is the resolved access; the rules are those of the policies that
 * name the column, and of requests. Whether a table exists that is not granted is told only to those who read everything.
 */
export function explainColumnAccess(asked: ColumnAsked): ColumnExplanation {
  const { schema, table, column, operation, tables, database, subject } = asked;
  const relation = findRelation(tables.catalog, { schema, table });
  const known = relation?.columns.find(({ name }) => name === column);
  const access =
    relation === undefined ? undefined : tables.resolve(asked.personal.policy).relations.get(relation.oid);
  const isTold = asked.showsValues || access !== undefined;
  const person = access === undefined || known === undefined ? null : describe(asked, access, known);
  const rules = rulesOf(asked, known, person);
  return {
    database: { id: database.id, name: database.name },
    subject,
    schema,
    table,
    column,
    operation,
    isReported: tables.at === null || !isTold ? null : known !== undefined,
    state: stateOf(operation, access, person),
    mask: operation === 'select' && person !== null && person.mask !== null ? { ...person.mask } : null,
    answer: answerOf(asked, {
      access,
      person,
      isKnown: !isTold || tables.at === null || known !== undefined,
    }),
    rules,
    nextStep: nextStep(asked, { access, person }),
  };
}

function describe(asked: ColumnAsked, access: RelationAccess, column: CatalogColumn): PersonColumn {
  return describeColumn(asked.personal.policy, access, column);
}

function stateOf(
  operation: TableOperation,
  access: RelationAccess | undefined,
  person: PersonColumn | null,
): ColumnExplanation['state'] {
  if (operation === 'select') return person?.state ?? 'none';
  const isGranted = access !== undefined && access.refusal === null && access.operations.has(operation);
  return isGranted ? 'clear' : 'none';
}

interface Found {
  readonly access: RelationAccess | undefined;
  readonly person: PersonColumn | null;
}

function answerOf(asked: ColumnAsked, { access, person, isKnown }: Found & { isKnown: boolean }): string {
  const { schema, table, column, operation } = asked;
  const title = formatPattern([schema, table, column]);
  if (!isKnown) return `The database has no column ${title}, as far as its agent reported.`;
  if (access === undefined) return `No policy grants anything on ${formatPattern([schema, table])}.`;
  if (access.refusal !== null) return `It is granted, and refused all the same: ${access.refusal.message}`;
  if (access.withheld?.has(operation)) {
    return `${operation} is granted, and the agent's own role may not pass it on.`;
  }
  if (!access.operations.has(operation)) {
    return `No policy grants ${operation} on ${formatPattern([schema, table])}.`;
  }
  if (operation !== 'select') return `${operation} is granted; masks are for reading only.`;
  if (person === null) return `${formatPattern([schema, table])} may be read.`;
  const through = person.isInherited ? ', which came with the value from another table' : '';
  switch (person.state) {
    case 'clear':
      return `${title} is shown as it is.`;
    case 'masked':
      return `${title} is shown as its mask ${person.mask?.preset ?? ''}${through}.`;
    case 'hidden':
      return `${title} reads as NULL${through}.`;
    case 'none':
      return `${title} cannot be read.`;
    default:
      return person.state satisfies never;
  }
}

function nextStep(asked: ColumnAsked, { access, person }: Found): string | null {
  const isOpen =
    asked.operation === 'select'
      ? person?.state === 'clear'
      : stateOf(asked.operation, access, person) === 'clear';
  if (isOpen) return null;
  const { schema, table, column, operation } = asked;
  const request = `daam request new ${asked.database.name} --reason "why"`;
  return person !== null && (person.state === 'masked' || person.state === 'hidden')
    ? `Ask to see it unmasked: ${request} --unmask ${formatPattern([schema, table, column])}`
    : `Ask for access: ${request} --tables ${formatPattern([schema, table])} --operations ${operation}`;
}

function rulesOf(asked: ColumnAsked, known: CatalogColumn | undefined, person: PersonColumn | null): Rule[] {
  const { personal, schema, table, column, operation, showsValues } = asked;
  const policy = showsValues ? personal.policy : withoutValues(personal.policy);
  const isText = known === undefined || known.typeCategory === 'S';
  const { rules } = explainColumn(policy, { schema, table, column, operation, isText });
  const lifted = (person?.rules ?? []).filter(({ kind }) => kind === 'unmask');
  return [
    ...rules.map((rule) => showRule(asked, rule)),
    ...lifted.map((rule) => ({
      kind: 'unmask' as const,
      text: `The ${rule.origin.policy} shows ${rule.pattern} at another level while its window is open.`,
      decisive: true,
      source: asked.locate(rule),
      assignedBy: reasonsOf(asked, rule.origin.policy),
    })),
  ];
}

function showRule(asked: ColumnAsked, { kind, origin, pattern, text, decisive }: ExplainedRule): Rule {
  const isRule = origin !== null && pattern !== null && kind !== 'default-deny';
  return {
    kind,
    text,
    decisive,
    source: isRule ? asked.locate({ kind, origin, pattern }) : null,
    assignedBy: origin === null ? [] : reasonsOf(asked, origin.policy),
  };
}

function reasonsOf({ personal }: ColumnAsked, policy: string): Rule['assignedBy'] {
  return plain(personal.policies.find(({ name }) => name === policy)?.assignedBy ?? []);
}
