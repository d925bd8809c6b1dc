/** `daam-agent passkeys`: what an operator sees and says on the agent's own machine. */
import { AppError } from '@daam/shared/errors/app-error';
import { passkeyFingerprint } from '@daam/shared/identity/passkey-proof';
import type { AgentConfig } from '../config.ts';
import { readWireguardKey } from '../tunnel/wireguard-key.ts';
import { leaveApproval, readPins } from './files.ts';
import type { PinnedPerson, Pins } from './pins.ts';
import { standingsOf } from './standings.ts';

export interface PasskeysCommand {
  /** Null: list them. */
  readonly approve: { readonly fingerprint: string; readonly asAdmin: boolean } | null;
  readonly json: boolean;
  readonly print: (text: string) => void;
}

/**
 * Lists what is pinned and what waits, or leaves an approval that the running agent takes within a second (or at its next
 * start). INVALID_CONFIG when the files are damaged, NOT_FOUND for a passkey that the agent has not heard of.
 */
export async function passkeysCommand(config: AgentConfig, command: PasskeysCommand): Promise<number> {
  const { identity, wireguard } = config;
  const agentKey = await readWireguardKey(wireguard.privateKeyPath);
  if (agentKey === null)
    throw new AppError('NOT_FOUND', {
      message: 'The agent has no key yet.',
      hint: 'Start it once; check that --config is the configuration that it runs with.',
    });
  const pins = await readOwnPins(identity.pinsPath, agentKey);
  if (command.approve === null) {
    const standings = standingsOf(pins);
    const shown = command.json ? JSON.stringify({ passkeys: standings }) : table(standings);
    command.print(`${shown}\n`);
    return 0;
  }
  const fingerprint = spaced(command.approve.fingerprint);
  const { user, email } = ownerOf(pins, fingerprint);
  await leaveApproval(identity.pinsPath, agentKey, { user, fingerprint, asAdmin: command.approve.asAdmin });
  command.print(
    command.json
      ? `${JSON.stringify({ approved: fingerprint, email })}\n`
      : `approved: ${fingerprint} of ${email}; the running agent takes it within a second\n`,
  );
  return 0;
}

async function readOwnPins(path: string, agentKey: Parameters<typeof readPins>[1]): Promise<Pins | null> {
  try {
    return await readPins(path, agentKey);
  } catch (thrown) {
    throw new AppError('INVALID_CONFIG', {
      field: 'control_plane.policy_cache_path',
      message: 'The file of pinned passkeys is damaged, or of another agent.',
      hint: 'Restore it. To remove it is to trust anew whatever the control plane says of passkeys.',
      cause: thrown,
    });
  }
}

/** NOT_FOUND for a passkey that nobody has; CONFLICT when the control plane tells of it under several people. */
function ownerOf(pins: Pins | null, fingerprint: string): PinnedPerson {
  const people = (pins?.people ?? []).filter((each) =>
    [...each.waiting, ...each.pinned].some(({ passkey }) => passkeyFingerprint(passkey) === fingerprint),
  );
  const [person, other] = people;
  if (person === undefined)
    throw new AppError('NOT_FOUND', {
      message: 'The agent has not heard of a passkey with this fingerprint.',
      hint: 'Run "daam-agent passkeys" for those that wait.',
    });
  if (other !== undefined)
    throw new AppError('CONFLICT', {
      message: `The control plane tells of this passkey under several people: ${people.map(({ email }) => email).join(', ')}.`,
      hint: 'A passkey belongs to one person. Look at the control plane before you approve anything.',
    });
  return person;
}

/** As fingerprints are shown, however the spaces were typed. INVALID_INPUT for what is none. */
function spaced(text: string): string {
  const digits = text.replaceAll(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits))
    throw new AppError('INVALID_INPUT', {
      message: 'A fingerprint has 32 hexadecimal digits.',
      hint: 'Take it whole from "daam-agent passkeys", in quotes.',
    });
  return (digits.match(/.{4}/g) ?? []).join(' ');
}

function table(standings: ReturnType<typeof standingsOf>): string {
  if (standings.length === 0) return 'no passkeys yet';
  return standings
    .map(
      ({ standing, fingerprint, email, since }) => `${standing.padEnd(8)} ${fingerprint}  ${since}  ${email}`,
    )
    .join('\n');
}
