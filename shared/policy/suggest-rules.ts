import type { MaskPreset } from './effective-policy.ts';

/** Kinds of types as rules ask for them. */
export type TypeFamily =
  | 'text'
  | 'number'
  | 'date'
  | 'json'
  | 'address'
  | 'uuid'
  | 'binary'
  | 'point'
  | 'other';

/** What columns hold that should be masked, by their names. Reviewed as a table: the first rule that fits wins. */
export interface SuggestRule {
  /** To follow "looks like ": `an e-mail address`. */
  readonly what: string;
  /** Phrases that say so for certain. */
  readonly sure: readonly string[];
  /** Phrases that often mean it: one step less sure. */
  readonly likely?: readonly string[];
  /** The preset on text, with what `partial` shows. */
  readonly preset: MaskPreset;
  readonly prefix?: number;
  readonly suffix?: number;
  /** Types that hold such a thing. On those that are not text the value is hidden (`null`), a uuid gets a pseudonym. */
  readonly types: readonly TypeFamily[];
  /** Words beside which the phrase means something else: `email_template_id`. */
  readonly unless?: readonly string[];
  /** `likely` counts only in tables about people. */
  readonly needsPerson?: true;
  /** A comment with one of the sure phrases says it too. */
  readonly inComments?: true;
}

/** Phrases from a text: separated by commas. */
function phrases(text: string): readonly string[] {
  return text.trim().split(/\s*,\s*/);
}

/** Words of tables whose rows are people. */
export const personWords = phrases(`
  account, applicant, author, beneficiary, borrower, buyer, candidate, client, contact, customer,
  driver, employee, guest, insured, kunde, lead, member, mitarbeiter, patient, payee, people, person,
  personal, profile, prospect, recipient, resident, seller, signer, staff, student, subscriber, tenant,
  user, visitor, worker`);

/** Words that make of a thing something about it: whether it was verified, which template, how many. */
const aboutIt = phrases(`
  bounce, count, domain, enabled, flag, format, frequency, id, kind, label, optin, provider, scheme,
  status, subject, template, type, verified, version`);

const textual = ['text', 'json', 'other'] as const;
const textOrNumber = ['text', 'number', 'other'] as const;
const anything = ['text', 'number', 'date', 'json', 'binary', 'other'] as const;

export const suggestRules: readonly SuggestRule[] = [
  {
    what: 'a password or another secret',
    sure: phrases(`
      password, passwd, passphrase, pwd, passwort, contrasena, mot de passe, api key, api secret,
      secret key, client secret, private key, access token, refresh token, auth token, bearer token,
      session token, reset token, otp secret, totp secret, mfa secret, recovery code, backup code,
      security answer`),
    likely: phrases('secret, token, salt, credential, otp, pin'),
    preset: 'redact',
    types: ['text', 'binary', 'json', 'number', 'other'],
    unless: phrases('id, count, type, policy, hint, attempt, expiry, expires, length, status, reset at'),
    inComments: true,
  },
  {
    what: 'the security code of a card',
    sure: phrases('cvv, cvc, cvn, card security code, card verification'),
    preset: 'redact',
    types: textOrNumber,
    unless: phrases('result, check, match, status'),
  },
  {
    what: 'a card number',
    sure: phrases(`
      credit card, credit card number, debit card, card number, card no, card num, cc number, cc num,
      ccn, primary account number, kreditkarte`),
    likely: phrases('card, pan'),
    preset: 'credit_card',
    types: textOrNumber,
    unless: [
      ...aboutIt,
      ...phrases(`
      brand, network, holder, expiry, expires, month, year, last, gift, country, issuer, business,
      score`),
    ],
    inComments: true,
  },
  {
    what: 'a social security number',
    sure: phrases('ssn, social security, social security number, social security no, soc sec'),
    preset: 'ssn',
    types: textOrNumber,
    unless: phrases('verified, status, type, last'),
    inComments: true,
  },
  {
    what: 'a number of an identity document or of the tax office',
    sure: phrases(`
      national id, national insurance, nino, tax id, tax number, tax identification, taxpayer id, itin,
      passport, passport number, passport no, driver license, drivers license, driving licence,
      license number, identity card, id card, personnummer, steuernummer, ausweisnummer,
      codice fiscale, aadhaar, curp, cpf, nif, dni, bsn, pesel`),
    preset: 'partial',
    suffix: 2,
    types: textOrNumber,
    unless: phrases('type, country, status, verified, expiry, expires, plate'),
    inComments: true,
  },
  {
    what: 'a bank account',
    sure: phrases(`
      iban, bank account, bank account number, account number, account no, acct number, acct no,
      routing number, sort code, kontonummer`),
    preset: 'partial',
    suffix: 4,
    types: textOrNumber,
    unless: phrases('type, status, currency, id'),
    inComments: true,
  },
  {
    what: 'an e-mail address',
    sure: phrases('email, e mail, email address, mail address, correo, courriel'),
    likely: phrases('mail'),
    preset: 'email',
    types: textual,
    unless: [...aboutIt, ...phrases('body, html, sent, queue, server, box, preference')],
    inComments: true,
  },
  {
    what: 'a telephone number',
    sure: phrases(`
      phone, phone number, telephone, telefon, telefono, tel, mobile, mobile number, cell phone,
      cellphone, msisdn, fax, handynummer, whatsapp`),
    likely: phrases('cell, contact number, handy'),
    preset: 'phone',
    types: textOrNumber,
    unless: [...aboutIt, ...phrases('model, os, brand, country, extension, app, app version, carrier')],
    inComments: true,
  },
  {
    what: 'a date of birth',
    sure: phrases('birth date, date of birth, dob, birthday, birth year, geburtsdatum, birthdate, born on'),
    likely: phrases('born, birth'),
    preset: 'null',
    types: ['date', 'text', 'number', 'other'],
    unless: phrases('place, country, certificate, type'),
    inComments: true,
  },
  {
    what: 'what somebody earns or owns',
    sure: phrases(
      'salary, wage, gehalt, compensation, annual income, net worth, pay rate, hourly rate, payroll',
    ),
    likely: phrases('income, bonus, credit score, commission'),
    preset: 'null',
    types: textOrNumber,
    unless: phrases('id, type, currency, status, grade, rule'),
    needsPerson: true,
  },
  {
    what: 'somebody’s name',
    sure: phrases(`
      first name, last name, full name, given name, family name, middle name, maiden name, surname,
      forename, vorname, nachname, apellido, card holder, card holder name, account holder,
      contact name, legal name, fname, lname`),
    likely: phrases('name, display name, nombre, nom'),
    preset: 'name',
    types: ['text', 'other'],
    unless: [
      ...aboutIt,
      ...phrases(`
      file, table, column, product, company, business, host, domain, event, role, group, plan,
      category, tag, code, path, login, team, city, country, field, class`),
    ],
    needsPerson: true,
  },
  {
    what: 'a postal address',
    sure: phrases(`
      street, street address, postal address, home address, mailing address, shipping address,
      billing address, address line, strasse, straße, anschrift, direccion`),
    likely: phrases('address, addr, adresse'),
    preset: 'redact',
    types: textual,
    unless: [...aboutIt, ...phrases('ip, mac, email, mail, web, url, country, wallet, memory, contract')],
  },
  {
    what: 'a place where somebody is',
    sure: phrases('latitude, longitude, geo location, gps, last location, home location, coordinates'),
    likely: phrases('lat, lng, lon, location, postal code, zip code, zip, postcode, plz'),
    preset: 'redact',
    types: ['text', 'number', 'point', 'json', 'other'],
    unless: phrases('type, id, accuracy, zone'),
    needsPerson: true,
  },
  {
    what: 'the address of somebody’s device',
    sure: phrases(`
      ip address, ip addr, client ip, remote ip, remote addr, source ip, login ip, last ip,
      mac address`),
    likely: phrases('ip'),
    preset: 'redact',
    types: ['text', 'address', 'other'],
    unless: phrases('range, count, version, type, allow, block, pool, network, server'),
  },
  {
    what: 'a device or an advertising profile',
    sure: phrases(
      'advertising id, idfa, imei, imsi, device id, device fingerprint, browser fingerprint, cookie id',
    ),
    preset: 'pseudonym',
    types: ['text', 'uuid', 'other'],
    unless: phrases('type, model'),
  },
  {
    what: 'something about somebody’s health',
    sure: phrases(`
      diagnosis, diagnose, medication, prescription, blood type, blood group, allergy, allergies,
      medical history, medical record, disability, pregnancy, icd code`),
    preset: 'redact',
    types: anything,
    unless: phrases('id, type, count'),
    inComments: true,
  },
  {
    what: 'something that laws protect specially',
    sure: phrases(`
      religion, ethnicity, ethnic origin, sexual orientation, political, union membership,
      criminal record, citizenship, nationality`),
    likely: phrases('race, gender, sex, marital status'),
    preset: 'redact',
    types: ['text', 'number', 'other'],
    needsPerson: true,
  },
  {
    what: 'a picture or measure of somebody’s body',
    sure: phrases('biometric, face template, face embedding, iris, voice print, voiceprint, signature image'),
    likely: phrases('photo, portrait, avatar, signature'),
    preset: 'redact',
    types: ['binary', 'json', 'other'],
    needsPerson: true,
  },
  {
    what: 'a document that may hold anything about somebody',
    sure: phrases('pii, personal data, personal info, personal details'),
    likely: phrases('profile, kyc, details, payload, metadata, attributes, raw'),
    preset: 'redact',
    types: ['json', 'other'],
    needsPerson: true,
  },
  {
    what: 'free text, in which people write what they like',
    sure: [],
    likely: phrases('note, remark, bemerkung, comment, memo, bio, about me'),
    preset: 'redact',
    types: ['text', 'other'],
    unless: phrases('count, id, type'),
    needsPerson: true,
  },
];

/** Words of a comment that call a column sensitive whatever it holds. */
export const sensitivePhrases = phrases(`
  pii, personal data, personally identifiable, personenbezogen, sensitive, confidential, gdpr, dsgvo,
  hipaa, do not expose`);
