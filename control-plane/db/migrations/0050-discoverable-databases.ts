import { Migration } from '@mikro-orm/migrations';

/** Databases that members without access see by name, to ask for it, with what their owners say of them. */
export class DiscoverableDatabases extends Migration {
  override name = '0050-discoverable-databases';

  override up(): void {
    this.addSql(`
alter table databases
  add column discoverable boolean not null default false,
  add column owner_words text not null default '';
`);
  }
}
