/**
 * What the tables of a world hold. Both worlds have the same rows, lengths, NULLs and whatever a mask may show; what a
 * mask hides is made of the world's own canaries. Where equality may be matched, equal values are equal in both.
 */
import { createHash } from 'node:crypto';

/** Which world, from which seed. */
export interface WorldSeed {
  readonly world: 'a' | 'b';
  readonly seed: number;
}

/** How many customers there are; other tables follow from it. */
export const customerCount = 200;

/** 32 hexadecimal digits: 16 that all canaries of this world begin with, 16 of its own. */
export function canary(world: WorldSeed, of: string): string {
  return markerOf(world) + digest(`${world.world}:${world.seed}:${of}`).slice(0, 16);
}

/** What every canary of a world begins with. */
export function markerOf({ world, seed }: WorldSeed): string {
  return digest(`marker:${world}:${seed}`).slice(0, 16);
}

/** `count` decimal digits without 0, so that numbers of equal length are stored in equal length. */
export function hiddenDigits(world: WorldSeed, of: string, count: number): string {
  const bytes = createHash('sha256').update(`digits:${world.world}:${world.seed}:${of}`).digest();
  return Array.from({ length: count }, (_, index) => String(1 + ((bytes[index % 32] ?? 0) % 9))).join('');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A row, column by column; null is NULL. Texts are written as literals, which PostgreSQL types by the column. */
export type Row = readonly (string | number | null)[];

/** The rows of one table. */
export interface TableRows {
  readonly table: string;
  readonly columns: string;
  readonly rows: readonly Row[];
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const letter = (index: number): string => letters[index % letters.length] ?? 'a';
const regions = ['north', 'south', 'east', 'west'];
const region = (index: number): string => regions[(index * 7) % 4] ?? 'north';
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** One address for each number: its first letters and its ending show, the rest is the world's. */
export function emailOf(world: WorldSeed, person: number): string | null {
  if (person % 17 === 0) return null;
  const [user, host] = [canary(world, `user ${person}`), canary(world, `host ${person}`)];
  if (person % 19 === 0) return `${user} at ${host}`;
  return `${letter(person)}${user}@${letter(person + 3)}${host}.${['com', 'org', 'example'][person % 3]}`;
}

/** Every table's rows, in the order in which foreign keys allow. */
export function worldRows(world: WorldSeed): readonly TableRows[] {
  return [customers(world), contacts(world), ...plainTables(world), ...otherMaskedTables(world)];
}

function customers(world: WorldSeed): TableRows {
  return {
    table: 'public.customers',
    columns:
      'id, name, email, phone, ssn, card, full_name, code, salary, birth_date, doc, photo, token, secret, tags, handle, region, note, score, created_at',
    rows: upTo(customerCount).map((id) => [
      id,
      `Person ${id}`,
      emailOf(world, id),
      phoneOf(world, id),
      ssnOf(world, id),
      cardOf(world, id),
      id % 23 === 0
        ? null
        : `${letter(id)}${canary(world, `first ${id}`)} ${letter(id + 1)}${canary(world, `last ${id}`)}`,
      `AB${canary(world, `code ${id}`)}`,
      id % 29 === 0
        ? null
        : `${hiddenDigits(world, `salary ${id}`, 24)}.${hiddenDigits(world, `cents ${id}`, 4)}`,
      dateOf(world, id),
      JSON.stringify({ k: canary(world, `doc ${id}`), n: Number(hiddenDigits(world, `number ${id}`, 6)) }),
      `\\x${Buffer.from(canary(world, `photo ${id}`)).toString('hex')}`,
      canary(world, `token ${id}`),
      id % 13 === 0 ? null : `S${canary(world, `secret ${id}`)}`,
      `{${canary(world, `tag ${id}`)},${canary(world, `tags ${id}`)}}`,
      // A pseudonym of different values differs by design: this column is the same in both worlds.
      canary({ world: 'a', seed: -1 }, `handle ${id % 40}`),
      region(id),
      id % 3 === 0 ? null : `note ${id % 20}`,
      (id * 37) % 101,
      `2026-01-01T00:00:00Z`,
    ]),
  };
}

function phoneOf(world: WorldSeed, id: number): string | null {
  if (id % 11 === 0) return null;
  if (id % 9 === 0) return `call ${canary(world, `phone ${id}`)}`;
  return `${hiddenDigits(world, `area ${id}`, 3)}-${hiddenDigits(world, `phone ${id}`, 3)}-${1000 + id}`;
}

function ssnOf(world: WorldSeed, id: number): string | null {
  if (id % 31 === 0) return null;
  if (id % 10 === 0) return canary(world, `ssn ${id}`);
  // In one world many are equal, in the other none: no match is allowed on it.
  const who = world.world === 'a' ? id % 5 : id;
  return `${hiddenDigits(world, `ssn ${who}`, 3)}-${hiddenDigits(world, `group ${who}`, 2)}-${4000 + id}`;
}

function cardOf(world: WorldSeed, id: number): string | null {
  if (id % 10 === 1) return `none ${canary(world, `card ${id}`)}`;
  const [first, second, third] = [1, 2, 3].map((part) => hiddenDigits(world, `card ${part} ${id}`, 4));
  return `${first}-${second}-${third}-${6000 + id}`;
}

function dateOf(world: WorldSeed, id: number): string | null {
  if (id % 37 === 0) return null;
  const day = Number(hiddenDigits(world, `birth ${id}`, 4));
  return new Date(Date.UTC(1950, 0, 1 + day)).toISOString().slice(0, 10);
}

function contacts(world: WorldSeed): TableRows {
  return {
    table: 'public.contacts',
    columns: 'id, customer_id, email, kind, remark',
    rows: upTo(300).map((id) => [
      id,
      1 + ((id * 13) % customerCount),
      // Some belong to customers, some to nobody; several are the same.
      emailOf(world, 1 + ((id * 29) % 260)),
      ['home', 'work', 'other'][id % 3] ?? 'home',
      id % 4 === 0 ? null : `remark ${id % 15}`,
    ]),
  };
}

function plainTables(world: WorldSeed): TableRows[] {
  return [
    {
      table: 'public.orders',
      columns: 'id, customer_id, region, status, total, memo',
      rows: upTo(400).map((id) => [
        id,
        1 + ((id * 31) % customerCount),
        region(id),
        ['new', 'paid', 'sent'][id % 3] ?? 'new',
        ((id * 173) % 9_000) + 0.5,
        id % 5 === 0 ? null : `memo ${id % 12}`,
      ]),
    },
    {
      table: 'public.payments',
      columns: 'id, iban',
      rows: upTo(100).map((id) => [id, canary(world, `iban ${id}`)]),
    },
    {
      table: 'sales.leads',
      columns: 'id, region, company, email, value',
      rows: upTo(120).map((id) => {
        const isVisible = region(id) === 'north';
        return [
          id,
          region(id),
          isVisible ? `company number ${String(id).padStart(17, '0')}` : canary(world, `lead ${id}`),
          emailOf(world, 500 + id),
          isVisible ? 100_000 + id : hiddenDigits(world, `value ${id}`, 6),
        ];
      }),
    },
  ];
}

function otherMaskedTables(world: WorldSeed): TableRows[] {
  const people = (table: string, from: number, count: number): TableRows => ({
    table,
    columns: 'id, name, email',
    rows: upTo(count).map((id) => [from + id, `Somebody ${from + id}`, emailOf(world, from + id)]),
  });
  return [
    {
      table: 'public.audited',
      columns: 'id, email, note',
      rows: upTo(30).map((id) => [id, emailOf(world, 700 + id), `note ${id}`]),
    },
    {
      table: 'public.events',
      columns: 'id, happened, email, kind',
      rows: upTo(120).map((id) => [id, id, emailOf(world, 800 + (id % 50)), id % 2 === 0 ? 'view' : 'login']),
    },
    {
      table: 'public.accounts',
      columns: 'id, email, balance',
      rows: upTo(60).map((id) => [id, emailOf(world, 900 + id), id * 10]),
    },
    people('public.people', 1_000, 40),
    people('public.people_vip', 2_000, 10),
    {
      table: 'public.inbox',
      columns: 'id, msg',
      rows: upTo(5).map((id) => [id, `message ${id}`]),
    },
  ];
}
