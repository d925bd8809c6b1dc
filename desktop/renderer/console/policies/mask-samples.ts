/** What presets make of a value that was made up: for showing, never of real data (enforcement is the agent's). */
import type { MaskPreset } from '@daam/shared/policy/effective-policy';

export interface PresetWords {
  readonly label: string;
  /** What stays visible, or what somebody can still find out. */
  readonly leaks: string;
  readonly sample: string;
}

/** Strongest first, as they win over each other. */
export const presetWords: Readonly<Record<MaskPreset, PresetWords>> = {
  null: {
    label: 'hidden',
    leaks: 'Reads as NULL: nothing, not even whether there is a value.',
    sample: 'NULL',
  },
  redact: { label: 'redact', leaks: 'Only whether there is a value.', sample: '***' },
  pseudonym: {
    label: 'pseudonym',
    leaks: 'Which rows have the same value; joins and groups work on it.',
    sample: 'p_7f3a91c2',
  },
  credit_card: { label: 'credit_card', leaks: 'The last four digits.', sample: '****-****-****-1111' },
  ssn: { label: 'ssn', leaks: 'The last four digits.', sample: '***-**-6789' },
  phone: { label: 'phone', leaks: 'The last four digits.', sample: '***-***-1234' },
  partial: { label: 'partial', leaks: 'As many characters as you choose.', sample: 'Do***' },
  name: { label: 'name', leaks: 'The first letter of each word.', sample: 'J*** D***' },
  email: { label: 'email', leaks: 'The first letters of name and host.', sample: 'j***@e***.com' },
};
