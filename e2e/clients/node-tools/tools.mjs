/**
 * Introspection and everyday use by the tools of Node.js: `node tools.mjs <folder with node_modules> <tool>`.
 * Prints one JSON object. Writes are rolled back.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, tool] = process.argv.slice(2);
// The packages are installed outside of this repository.
const load = createRequire(join(folder, 'tools.js'));
const env = process.env;
const there = {
  host: env.PGHOST,
  port: Number(env.PGPORT),
  user: env.PGUSER,
  password: env.PGPASSWORD ?? '',
  database: env.PGDATABASE,
};
const email = 'noah.quinn1@example.net';

async function sequelize() {
  const { Sequelize, DataTypes } = load('sequelize');
  const db = new Sequelize(there.database, there.user, there.password, {
    ...there,
    username: there.user,
    dialect: 'postgres',
    logging: false,
  });
  const queries = db.getQueryInterface();
  const tables = await queries.showAllTables();
  const described = {};
  for (const table of ['customers', 'orders', 'order_items', 'products', 'events']) {
    described[table] = Object.keys(await queries.describeTable(table)).length;
    await queries.showIndex(table);
    await queries.showConstraint(table);
    await queries.getForeignKeyReferencesForTable(table);
  }
  await queries.showAllSchemas();
  const Customer = db.define(
    'Customer',
    { name: DataTypes.TEXT, email: DataTypes.TEXT, region: DataTypes.TEXT, note: DataTypes.TEXT },
    { tableName: 'customers', timestamps: false },
  );
  const found = await Customer.findOne({ where: { email } });
  const transaction = await db.transaction();
  await Customer.create({ name: 'Ada', email: 'ada@example.net', region: 'north' }, { transaction });
  await Customer.update({ note: 'seen' }, { where: { id: 1 }, transaction });
  const notes = await Customer.count({ where: { note: 'seen' }, transaction });
  await transaction.rollback();
  await db.close();
  return { tables: tables.length > 0, described, id: Number(found.id), shown: found.email, notes };
}

async function typeorm() {
  load('reflect-metadata');
  const { DataSource, EntitySchema, Table } = load('typeorm');
  const Customer = new EntitySchema({
    name: 'Customer',
    tableName: 'customers',
    columns: {
      id: { type: 'bigint', primary: true, generated: 'identity', generatedIdentity: 'BY DEFAULT' },
      name: { type: 'text' },
      email: { type: 'text' },
      region: { type: 'text' },
      note: { type: 'text', nullable: true },
    },
  });
  const source = new DataSource({
    type: 'postgres',
    host: there.host,
    port: there.port,
    username: there.user,
    password: there.password,
    database: there.database,
    entities: [Customer],
    installExtensions: false,
  });
  await source.initialize();
  const runner = source.createQueryRunner();
  const loaded = await runner.getTables(['customers', 'orders', 'order_items', 'products']);
  await runner.getViews(['customer_directory']);
  await runner.hasTable('customers');
  await runner.hasColumn('customers', 'email');
  await runner.getDatabases();
  await runner.getSchemas();
  const customers = source.getRepository(Customer);
  const found = await customers.findOneBy({ email });
  await runner.startTransaction();
  await runner.manager.save(Customer, { name: 'Ada', email: 'ada@example.net', region: 'north' });
  await runner.manager.update(Customer, { id: 1 }, { note: 'seen' });
  const notes = await runner.manager.countBy(Customer, { note: 'seen' });
  await runner.rollbackTransaction();
  await runner.release();
  await source.destroy();
  const columns = Object.fromEntries(
    loaded.map((table) => [table.name.split('.').pop(), table.columns.length]),
  );
  return { columns, id: Number(found.id), shown: found.email, notes, has: Table !== undefined };
}

async function knex() {
  const db = load('knex')({ client: 'pg', connection: there, pool: { min: 0, max: 1 } });
  const columns = Object.keys(await db('customers').columnInfo()).length;
  const hasTable = await db.schema.hasTable('customers');
  const hasColumn = await db.schema.hasColumn('customers', 'email');
  const found = await db('customers').where({ email }).first('id', 'email');
  const transaction = await db.transaction();
  await transaction('customers')
    .insert({ name: 'Ada', email: 'ada@example.net', region: 'north' })
    .returning('id');
  const changed = await transaction('customers')
    .where({ id: 1 })
    .update({ note: 'seen' })
    .returning(['id', 'email']);
  await transaction.rollback();
  await db.destroy();
  return { columns, hasTable, hasColumn, id: Number(found.id), shown: found.email, changed: changed.length };
}

async function drizzle() {
  const { Pool } = load('pg');
  const { drizzle: open } = load('drizzle-orm/node-postgres');
  const { bigint, pgTable, text } = load('drizzle-orm/pg-core');
  const { eq, count } = load('drizzle-orm');
  const pool = new Pool({ ...there, max: 1 });
  const db = open(pool);
  const customers = pgTable('customers', {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    region: text('region').notNull(),
    note: text('note'),
  });
  const [found] = await db.select().from(customers).where(eq(customers.email, email));
  let notes = 0;
  await db
    .transaction(async (transaction) => {
      await transaction.insert(customers).values({ name: 'Ada', email: 'ada@example.net', region: 'north' });
      await transaction.update(customers).set({ note: 'seen' }).where(eq(customers.id, 1));
      [{ n: notes }] = await transaction
        .select({ n: count() })
        .from(customers)
        .where(eq(customers.note, 'seen'));
      transaction.rollback();
    })
    .catch((error) => {
      if (error.message !== 'Rollback') throw error;
    });
  await pool.end();
  return { id: found.id, shown: found.email, notes };
}

async function kysely() {
  const { Pool } = load('pg');
  const { Kysely, PostgresDialect } = load('kysely');
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ ...there, max: 1 }) }) });
  const tables = await db.introspection.getTables();
  const schemas = await db.introspection.getSchemas();
  const customers = tables.find(({ name }) => name === 'customers');
  const found = await db
    .selectFrom('customers')
    .select(['id', 'email'])
    .where('email', '=', email)
    .executeTakeFirst();
  await db.destroy();
  return {
    schemas: schemas.length > 0,
    columns: customers.columns.length,
    id: Number(found.id),
    shown: found.email,
  };
}

async function postgresJs() {
  const sql = load('postgres')({ ...there, max: 1, onnotice: () => {} });
  const [found] = await sql`select id, email, profile from customers where email = ${email}`;
  const rows = [];
  await sql`select email from customers where id <= 30`.cursor(10, (batch) => void rows.push(...batch));
  const all = await sql`select id from customers where id = any(${[1, 2, 3]})`;
  const undone = await sql
    .begin(async (transaction) => {
      await transaction`update customers set note = ${'seen'} where id = 1`;
      throw new Error('undo');
    })
    .catch((error) => error.message);
  await sql.end();
  return { id: Number(found.id), shown: found.email, rows: rows.length, all: all.length, undone };
}

const tools = { sequelize, typeorm, knex, drizzle, kysely, 'postgres.js': postgresJs };
process.stdout.write(`${JSON.stringify(await tools[tool]())}\n`);
