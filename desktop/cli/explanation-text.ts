import type { ApiClient } from '@daam/shared/api/client';

type Result = Awaited<ReturnType<ApiClient['explainStatement']>>;
type Explanation = Result['explanation'];
type Statement = Explanation['statements'][number];
type Table = Statement['tables'][number];
type Column = NonNullable<Statement['columns']>[number];
type Denial = NonNullable<Explanation['denial']>;

/** Terminals that people split in two. */
const width = 80;

/** An explanation for people, in 80 columns. */
export function explanationText({ database, user, explanation }: Result): string {
  const { statements, denial, rewritten } = explanation;
  const isOneRefused = statements.length === 1 && (statements[0]?.denial ?? null) !== null;
  const lines = [
    ...wrap(
      `${database.name} as ${user.email}, policy epoch ${explanation.epoch}: ${outcomeWords(explanation)}`,
    ),
    ...(denial === null || isOneRefused ? [] : denialLines(denial)),
    ...statements.flatMap((statement, index) =>
      statementLines(statement, statements.length > 1 ? index + 1 : null),
    ),
  ];
  if (typeof rewritten === 'string') lines.push('', 'sent to the server instead', ...wrap(rewritten, '  '));
  if (explanation.truncated) lines.push('', ...wrap('The answer was too long and was cut.'));
  return lines.join('\n');
}

function outcomeWords({ outcome, tier, taint }: Explanation): string {
  if (outcome === 'deny') return 'REFUSED';
  return `allowed${tierWords(tier)}${taint === null ? '' : `; ends elevation for the ${taint}`}`;
}

function tierWords(tier: Statement['tier']): string {
  if (tier === 'elevated') return ', elevated (its masks read real values)';
  return tier === 'base' ? ', in base (no real value can be read)' : '';
}

function statementLines(statement: Statement, number: number | null): readonly string[] {
  const head = number === null ? '' : `${number}. `;
  const lines = ['', ...wrap(`${head}${statement.class.toUpperCase()} ${statement.command ?? ''}`)];
  if (number !== null) lines.push(...wrap(statement.text.replaceAll(/\s+/g, ' '), '  '));
  if (statement.denial !== null) return [...lines, ...denialLines(statement.denial)];
  if (statement.reason !== null) lines.push(...wrap(`in base, because ${statement.reason}`, '  '));
  if (statement.degraded) lines.push(...wrap('masks show as *** here: elevation is not to be had', '  '));
  if (statement.tables.length > 0) lines.push('  tables', ...statement.tables.flatMap(tableLines));
  if (statement.columns !== null) lines.push('  columns', ...columnLines(statement.columns));
  for (const { schema, table, column, literals } of statement.matches) {
    const values = literals === 1 ? '1 value' : `${literals} values`;
    lines.push(...wrap(`compares the real ${schema}.${table}.${column} with ${values}`, '  '));
  }
  return lines;
}

function tableLines({ schema, name, operation, policies, rowFilter }: Table): readonly string[] {
  const by = policies.map(({ policy, version }) => `${policy} v${version}`).join(', ');
  const lines = wrap(`${operation.padEnd(6)}  ${schema}.${name}${by === '' ? '' : `  by ${by}`}`, '    ');
  if (rowFilter === null) return lines;
  const conditions = rowFilter.conditions.map(({ column, operator, values }) =>
    [column, operator, ...(values === undefined ? [] : [values.join(', ')])].join(' '),
  );
  return [...lines, ...wrap(`only rows where ${conditions.join(' and ')}`, '            ')];
}

function columnLines(columns: readonly Column[]): readonly string[] {
  const names = columns.map(({ name }) => shown(name ?? '?column?'));
  const longest = Math.min(24, Math.max(...names.map((name) => name.length)));
  return columns.flatMap((column, index) => {
    const name = (names[index] ?? '').padEnd(longest);
    const masks = column.masks.map(({ schema, table, column: source, preset, match, policy }) => {
      const own = column.kind === 'masked' ? '' : ` of ${schema}.${table}.${source}`;
      const matches = match === 'equality' ? ', = sees the real value' : '';
      return `${preset}${own} (${policy.policy} v${policy.version}${matches})`;
    });
    const text = `${kindWords[column.kind]} ${masks.join(', ')}`;
    return wrap(`${name}  ${text}`, '    ', ' '.repeat(longest + 2));
  });
}

const kindWords = {
  plain: 'as it is',
  masked: 'masked:',
  derived: 'from masks:',
  unknown: 'not traced',
} as const;

function denialLines({ rule, sqlstate, message, detail, hint }: Denial): readonly string[] {
  return [
    ...wrap(`refused by rule "${rule}" (${sqlstate}): ${message}`, '  '),
    ...(detail === null ? [] : wrap(detail, '  ')),
    ...(hint === null ? [] : wrap(`hint: ${hint}`, '  ')),
  ];
}

/** Control characters are dropped, so that no name can move the cursor. */
function shown(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** Breaks at spaces; `indent` before every line, `hanging` besides before all but the first. */
function wrap(text: string, indent = '', hanging = '  '): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of splitWords(shown(text), width - indent.length - hanging.length)) {
    const isFull = line.length + word.length > width && line.trim() !== '';
    if (isFull) {
      lines.push(line.trimEnd());
      line = indent + hanging;
    }
    line += isFull ? word.trimStart() : word;
  }
  return [...lines, line.trimEnd()];
}

/** Words with the spaces before them; longer ones than a line are cut. */
function splitWords(text: string, most: number): readonly string[] {
  const words = text.match(/ *[^ ]+/g) ?? [];
  return words.flatMap((word) =>
    word.length <= most ? [word] : (word.match(new RegExp(`.{1,${most}}`, 'gsu')) ?? []),
  );
}
