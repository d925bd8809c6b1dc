import { describe, expect, it } from 'vitest';
import { phraseFinder, wordsOf } from './column-words.ts';
import { type MaskSuggestion, suggestMasks } from './suggest-masks.ts';
import { suggestRules } from './suggest-rules.ts';

const categories: Readonly<Record<string, string>> = {
  text: 'S',
  varchar: 'S',
  int8: 'N',
  numeric: 'N',
  date: 'D',
  timestamptz: 'D',
  bool: 'B',
  jsonb: 'U',
  uuid: 'U',
  bytea: 'U',
  inet: 'I',
  point: 'G',
  _text: 'A',
};

/** A column from `name:type`. */
function suggestFor(spec: string, table = 'orders', comment: string | null = null): MaskSuggestion | null {
  const [name = '', type = 'text'] = spec.split(':');
  const typeName = type.includes('.') ? type : `pg_catalog.${type}`;
  const column = {
    name,
    type: typeName,
    baseType: type.includes('.') ? 'pg_catalog.text' : typeName,
    category: categories[type] ?? 'S',
    comment,
  };
  return suggestMasks({ name: table, columns: [column] })[0] ?? null;
}

const hasPhrase = (words: readonly string[], phrase: string): boolean =>
  phraseFinder([phrase, 'another one'])(words).has(phrase);

describe('words of a name', () => {
  it.each([
    ['customerEmail2', ['customer', 'email']],
    ['CUSTOMER_EMAIL', ['customer', 'email']],
    ['customer-email', ['customer', 'email']],
    ['tblCustomer.EMailAddr', ['tbl', 'customer', 'e', 'mail', 'addr']],
    ['HTTPServerName', ['http', 'server', 'name']],
    ['_x__y_', ['x', 'y']],
    ['Straße', ['straße']],
    ['42', []],
    ['', []],
  ])('of %s', (identifier, expected) => {
    expect(wordsOf(identifier)).toEqual(expected);
  });

  it('have a phrase side by side, as one word and in the plural, and nowhere else', () => {
    expect(hasPhrase(wordsOf('primary_e_mail'), 'e mail')).toBe(true);
    expect(hasPhrase(wordsOf('dateofbirth'), 'date of birth')).toBe(true);
    expect(hasPhrase(wordsOf('EmailAddresses'), 'email address')).toBe(true);
    expect(hasPhrase(wordsOf('first_and_last_name'), 'first name')).toBe(false);
    expect(hasPhrase(wordsOf('passenger'), 'pass')).toBe(false);
    expect(hasPhrase([], 'email')).toBe(false);
  });

  it('take any text without failing', () => {
    for (const text of ['\u0000', '🙂', '\ud800', '"; drop table', 'x'.repeat(100_000)]) {
      expect(() => suggestFor(text)).not.toThrow();
    }
  });
});

describe('what names say', () => {
  it.each([
    ['email', 'email'],
    ['e_mail', 'email'],
    ['EMAIL_ADDRESS', 'email'],
    ['customerEmail', 'email'],
    ['ContactEMail', 'email'],
    ['strEmailAddr', 'email'],
    ['billing-email', 'email'],
    ['phone', 'phone'],
    ['PhoneNumber', 'phone'],
    ['mobile_no', 'phone'],
    ['telefon', 'phone'],
    ['ssn', 'ssn'],
    ['SocialSecurityNumber', 'ssn'],
    ['card_number', 'credit_card'],
    ['ccNumber', 'credit_card'],
    ['CREDITCARD', 'credit_card'],
    ['cvv', 'redact'],
    ['iban', 'partial'],
    ['bankAccountNumber', 'partial'],
    ['passport_no', 'partial'],
    ['password_hash', 'redact'],
    ['passwordHash', 'redact'],
    ['api_key', 'redact'],
    ['RefreshToken', 'redact'],
    ['first_name', 'name'],
    ['LastName', 'name'],
    ['cardholder_name', 'name'],
    ['street_address', 'redact'],
    ['shippingAddress', 'redact'],
    ['client_ip', 'redact'],
    ['diagnosis', 'redact'],
    ['imei', 'pseudonym'],
  ])('%s wants %s', (name, preset) => {
    expect(suggestFor(name)).toMatchObject({ column: name, preset, confidence: 'high' });
  });

  it.each([
    'id',
    'status',
    'created_at:timestamptz',
    'total:numeric',
    'email_verified:bool',
    'is_email:bool',
    'email_sent_at:timestamptz',
    'email_template_id',
    'email_count:int8',
    'phone_type',
    'card_type',
    'card_last4_brand',
    'password_changed_at:timestamptz',
    'file_name',
    'table_name',
    'product_name',
    'name',
    'description',
    'passenger_count:int8',
    'telescope',
    'mobile_app_version',
    'tokenizer',
    'discount:numeric',
    'emails_enabled:bool',
    'address_id:int8',
    'ip_version',
    'shipping_status',
    'notes_count:int8',
  ])('%s wants nothing in a table of orders', (spec) => {
    expect(suggestFor(spec)).toBeNull();
  });

  it('count for less where they may mean something else, and for more in a table about people', () => {
    expect(suggestFor('name', 'customers')).toMatchObject({ preset: 'name', confidence: 'medium' });
    expect(suggestFor('customer_name', 'orders')).toMatchObject({ preset: 'name', confidence: 'low' });
    expect(suggestFor('address', 'warehouses')).toMatchObject({ preset: 'redact', confidence: 'low' });
    expect(suggestFor('address', 'tblCustomers')).toMatchObject({ preset: 'redact', confidence: 'medium' });
    expect(suggestFor('profile:jsonb', 'users')).toMatchObject({ preset: 'null', confidence: 'medium' });
    expect(suggestFor('metadata:jsonb', 'routers')).toBeNull();
  });
});

describe('what types say', () => {
  it('hide what is no text, because presets of texts say little there', () => {
    expect(suggestFor('salary:numeric')).toMatchObject({ preset: 'null', confidence: 'high' });
    expect(suggestFor('birth_date:date')).toMatchObject({ preset: 'null', confidence: 'high' });
    expect(suggestFor('phone:int8')).toMatchObject({ preset: 'null' });
    expect(suggestFor('last_ip:inet')).toMatchObject({ preset: 'null' });
    expect(suggestFor('photo:bytea', 'employees')).toMatchObject({ preset: 'null' });
    expect(suggestFor('device_id:uuid')).toMatchObject({ preset: 'pseudonym' });
    expect(suggestFor('emails:_text')).toMatchObject({ preset: 'null' });
  });

  it('speak where a domain is named after what it holds', () => {
    const found = suggestFor('contact:public.email_address');
    expect(found).toMatchObject({ preset: 'email', confidence: 'high' });
    expect(found?.reason).toContain('public.email_address');
  });

  it('let identifiers be matched, and nothing else', () => {
    expect(suggestFor('email')?.match).toBe('equality');
    expect(suggestFor('ssn')?.match).toBe('none');
    expect(suggestFor('salary:numeric')?.match).toBe('none');
    expect(suggestFor('iban')).toMatchObject({ prefix: 0, suffix: 4, match: 'none' });
    expect(suggestFor('email')).not.toHaveProperty('suffix');
  });
});

describe('what comments say', () => {
  it('counts where the name says nothing', () => {
    expect(suggestFor('c7', 'legacy', 'E-mail address of the payer')).toMatchObject({
      preset: 'email',
      confidence: 'medium',
    });
    expect(suggestFor('c8', 'legacy', 'GDPR: sensitive')).toMatchObject({ preset: 'redact' });
    expect(suggestFor('c9:int8', 'legacy', 'contains PII')).toMatchObject({ preset: 'null' });
    expect(suggestFor('c1', 'legacy', 'The order’s weight')).toBeNull();
  });
});

describe('the rules', () => {
  it('are written in the words that names are read as', () => {
    for (const rule of suggestRules) {
      for (const phrase of [...rule.sure, ...(rule.likely ?? []), ...(rule.unless ?? [])]) {
        expect(wordsOf(phrase).join(' ')).toBe(phrase);
      }
    }
  });

  it('say what partial shows, and only for partial', () => {
    for (const { preset, prefix, suffix } of suggestRules) {
      expect(preset === 'partial').toBe(prefix !== undefined || suffix !== undefined);
    }
  });
});
