/** What the presets make of the sample's values, written down a second time and independently. */

/** A customer as the database has it. */
export interface RealCustomer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly ssn: string;
  readonly card: string;
  readonly salary: string;
}

/** email, phone, ssn, card, salary as psql prints them without alignment. */
export function maskedLine({ email, phone, ssn, card }: RealCustomer): string {
  const [local = '', domain = ''] = email.split('@');
  const lastLabel = domain.split('.').at(-1) ?? '';
  const maskedEmail = `${local.slice(0, 1)}***@${domain.slice(0, 1)}***.${lastLabel}`;
  return [
    maskedEmail,
    phone === null ? '' : `***-***-${phone.slice(-4)}`,
    `***-**-${ssn.slice(-4)}`,
    `****-****-****-${card.slice(-4)}`,
    '',
  ].join('|');
}

/** Texts that must never be seen: whole values, and the parts that a mask hides. */
export function secretsOf({ email, phone, ssn, card, salary }: RealCustomer): string[] {
  const local = email.split('@')[0] ?? email;
  return [
    email,
    local,
    ssn,
    ssn.slice(0, 6),
    card,
    card.slice(0, 15),
    salary,
    ...(phone === null ? [] : [phone]),
  ];
}
