import type {
  RequestApprovers,
  RequestRouting,
  RequestRule,
  RequestSettings,
} from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import {
  findExcess,
  parseTemporaryAccess,
  readStoredAccess,
  type TemporaryAccess,
} from '@daam/shared/policy/temporary-access';
import type { Database } from '../db/entities/database.ts';
import type { Terms } from './request-row.ts';

/** What a rule looks at. */
export interface Asked extends Pick<Terms, 'policy' | 'access' | 'minutes'> {
  readonly database: Pick<Database, 'id' | 'environment'>;
}

/** Who has to approve something. */
export interface FittingRule {
  /** Its place among the rules; null: none fits, so one administrator approves. */
  readonly index: number | null;
  readonly approvers: RequestApprovers;
  readonly required: number;
  /** Nobody has to approve. */
  readonly automatic: boolean;
  readonly escalation: RequestRule['escalation'];
  /** What it asked for to fit. */
  readonly conditions: Pick<RequestRouting, 'database' | 'environment' | 'tables' | 'maxMinutes'>;
}

const noRule: FittingRule = {
  index: null,
  approvers: { users: [], groups: [], admins: true },
  required: 1,
  automatic: false,
  escalation: null,
  conditions: { database: false, environment: null, tables: false, maxMinutes: null },
};

/** The first rule that fits what is asked for; one administrator where none does. */
export function ruleFor({ rules }: Pick<RequestSettings, 'rules'>, asked: Asked): FittingRule {
  const index = rules.findIndex((rule) => fits(rule, asked));
  const rule = rules[index];
  if (rule === undefined) return noRule;
  const { approvers, required, automatic, escalation, environment, maxMinutes } = rule;
  const conditions = {
    database: rule.database !== null,
    environment,
    tables: rule.within !== null,
    maxMinutes,
  };
  return { index, approvers, required: automatic ? 0 : required, automatic, escalation, conditions };
}

/** What opens by itself is open for a working day at most, whatever a rule says: 8 hours. */
const maxAutomaticMinutes = 480;

function fits(rule: RequestRule, { database, access, minutes }: Asked): boolean {
  if (rule.database !== null && rule.database !== database.id) return false;
  if (rule.environment !== null && rule.environment !== database.environment) return false;
  if (rule.maxMinutes !== null && minutes > rule.maxMinutes) return false;
  if (rule.automatic && minutes > maxAutomaticMinutes) return false;
  if (rule.within === null) return true;
  // What a policy gives changes with its versions: it is never known to be no more.
  return access !== null && isWithin(access, rule.within);
}

type Within = NonNullable<RequestRule['within']>;

const readWithin = new WeakMap<Within, TemporaryAccess>();
const answers = new WeakMap<TemporaryAccess, WeakMap<Within, boolean>>();

/** Each document is read once and each two are compared once: one call asks about the same ones for many times. */
function isWithin(access: TemporaryAccess, within: Within): boolean {
  const known = answers.get(access) ?? new WeakMap<Within, boolean>();
  answers.set(access, known);
  const answer = known.get(within);
  if (answer !== undefined) return answer;
  const document = readWithin.get(within) ?? readStoredAccess(within);
  readWithin.set(within, document);
  const found = findExcess(access, document) === null;
  known.set(within, found);
  return found;
}

/** Tables, masks and columns that all rules together name: each is compared with what is asked for. */
const maxEntries = 5_000;

/** Throws INVALID_INPUT for rules that name more than can be looked at for each request. */
export function checkExtent(rules: readonly RequestRule[], field: string): void {
  const entries = rules.flatMap(({ within }) => Object.values(within ?? {}));
  const named = entries.reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
  if (named <= maxEntries) return;
  throw new AppError('INVALID_INPUT', {
    field,
    message: `${field}: name at most ${maxEntries} tables and columns together.`,
    hint: 'Write patterns instead of single tables.',
  });
}

/** Throws INVALID_INPUT for a rule that could never be met, or that would open more by itself than it says. */
export function checkRule(
  { approvers, within, maxMinutes, automatic, escalation }: RequestRule,
  field: string,
): void {
  if (isNobody(approvers) || (escalation !== null && isNobody(escalation.approvers))) {
    const at = isNobody(approvers) ? `${field}.approvers` : `${field}.escalation.approvers`;
    throw new AppError('INVALID_INPUT', { field: at, message: `${at}: name somebody who may approve.` });
  }
  const document = within === null ? null : documentOf(within, `${field}.within`);
  if (!automatic) return;
  if (maxMinutes !== null && maxMinutes > maxAutomaticMinutes) {
    throw new AppError('INVALID_INPUT', {
      field: `${field}.maxMinutes`,
      message: `${field}.maxMinutes: what opens by itself is open for at most ${maxAutomaticMinutes} minutes.`,
    });
  }
  if (document === null || document.unmask.length > 0 || maxMinutes === null) {
    throw new AppError('INVALID_INPUT', {
      field: `${field}.automatic`,
      message: `${field}.automatic: needs tables, no column without its mask, and a longest window.`,
    });
  }
}

function isNobody({ users, groups, admins }: RequestApprovers): boolean {
  return !admins && users.length + groups.length === 0;
}

function documentOf(within: Readonly<Record<string, unknown>>, field: string): TemporaryAccess {
  try {
    return parseTemporaryAccess(within);
  } catch (cause) {
    const message = cause instanceof AppError ? cause.message : 'is not such a document.';
    throw new AppError('INVALID_INPUT', { field, message: `${field}: ${message}`, cause });
  }
}

/** Both together: whoever either lets approve. */
export function withApprovers(one: RequestApprovers, other: RequestApprovers): RequestApprovers {
  return {
    users: [...new Set([...one.users, ...other.users])],
    groups: [...new Set([...one.groups, ...other.groups])],
    admins: one.admins || other.admins,
  };
}
