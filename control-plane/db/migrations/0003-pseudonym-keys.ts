import { Migration } from '@mikro-orm/migrations';

/**
 * One sealed pseudonym key for each organization (identity/pseudonym-keys.ts). Bundles name it from now on: the
 * epochs move, because an agent takes nothing else at the epoch that it has.
 */
export class PseudonymKeyTable extends Migration {
  override name = '0003-pseudonym-keys';

  override up(): void {
    this.addSql(`
create table pseudonym_keys (
  org_id uuid primary key references organizations (id),
  sealed text not null,
  master_key_id text not null,
  created_at timestamptz not null
);`);
    this.addSql('update databases set epoch = epoch + 1;');
  }
}
