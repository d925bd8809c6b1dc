/** The local port of a database: its number, where it listens, and what clients are asked for. */
import { toAppError } from '@daam/shared/errors/app-error';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { ConnectionDetails, Database, Method, Params } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useConnectionDetails } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Switch } from '../ui/checkbox.tsx';
import { Facts, Section } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { TextField } from '../ui/text-field.tsx';

export function PortSection({ database }: { readonly database: Database }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const details = useConnectionDetails(database.id);
  const [problem, setProblem] = useState<string | null>(null);
  const [free, setFree] = useState<number | null>(null);

  async function change(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const port = Number(new FormData(event.currentTarget).get('port'));
    if (!Number.isInteger(port) || port < 1_024 || port > 65_535)
      return setProblem('A number from 1024 to 65535.');
    setProblem(null);
    setFree(null);
    try {
      const checked = port === database.port ? null : await bridge.call('checkPort', { port });
      if (checked?.isFree === false) {
        setFree(checked.nextFree);
        const { holder } = checked;
        const who = holder === null ? 'another program' : `${holder.program} (pid ${holder.pid})`;
        return setProblem(`${port} is used by ${who}.`);
      }
      await bridge.call('setPort', { database: database.id, port });
      announce(`${database.name} now has port ${port}.`);
    } catch (thrown) {
      setProblem(toAppError(thrown).message);
    }
  }

  return (
    <Section title="Port">
      <form key={database.port} onSubmit={(event) => void change(event)} className="flex items-start gap-2">
        <TextField
          label="Local port"
          hint={
            // Below the buttons beside the field, too.
            <span className="block w-[min(29rem,80dvw)]">
              It stays the same on this device. Changing it ends the sessions through it.
            </span>
          }
          name="port"
          inputMode="numeric"
          isData
          className="w-56"
          defaultValue={database.port ?? ''}
          error={problem}
        />
        <span className="pt-6">
          <Button type="submit">Change</Button>
        </span>
        {free === null ? null : (
          <span className="pt-6">
            <Button
              onClick={() => {
                setProblem(null);
                setFree(null);
                void bridge.call('setPort', { database: database.id, port: free });
              }}
            >
              Use {free}
            </Button>
          </span>
        )}
      </form>
      {details.data === undefined ? null : <Listening database={database} details={details.data} />}
    </Section>
  );
}

interface ListeningProps {
  readonly database: Database;
  readonly details: ConnectionDetails;
}

function Listening({ database, details }: ListeningProps): ReactNode {
  const change = useChange();
  const { local, socket, place, tls, hasLocalPassword } = details;
  return (
    <div className="mt-3 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span aria-hidden="true">Listen as</span>
        <Segmented
          label="Listen as"
          value={place}
          options={[
            { value: 'tcp', label: 'TCP 127.0.0.1' },
            { value: 'socket', label: 'Unix socket' },
          ]}
          onChange={(to) =>
            void change(
              'setPlace',
              { database: database.id, place: to },
              to === 'tcp'
                ? `${database.name} listens on a TCP port.`
                : `${database.name} listens on a Unix socket.`,
            )
          }
        />
      </div>
      <p className="text-12 text-text-2">
        The socket is in a folder that only you can enter. Programs without Unix sockets, as those on JDBC,
        need the port. Changing it ends the sessions through it.
      </p>
      <Facts
        facts={[
          ['Listens at', local === null ? 'Not connected' : (socket ?? `${local.host}:${local.port}`)],
          ['Password', hasLocalPassword ? 'Asked for' : 'None: every user of this machine reaches the port'],
        ]}
      />
      <LocalSwitches hasLocalPassword={hasLocalPassword} tls={tls} />
    </div>
  );
}

/** Those that are about every local port of this device. */
export function LocalSwitches(props: Pick<ConnectionDetails, 'hasLocalPassword' | 'tls'>): ReactNode {
  const { hasLocalPassword, tls } = props;
  const change = useChange();
  return (
    <>
      <Switch
        label="Password on local ports"
        hint={
          hasLocalPassword
            ? 'What you copy has it. Switching it off and on makes a new one; open sessions stay.'
            : 'For machines that others share: programs need what you copy here to get in.'
        }
        checked={hasLocalPassword}
        onChange={(isOn) =>
          void change(
            'switchLocalPassword',
            { to: isOn ? 'on' : 'off' },
            isOn ? 'Local ports ask for a password.' : 'Local ports ask for no password.',
          )
        }
      />
      <Switch
        label="TLS on local ports"
        hint={
          tls.caFile === null
            ? 'Only for programs that insist on it: the way to the agent is encrypted without it.'
            : `Its certificate authority: ${tls.caFile}`
        }
        checked={tls.isOn}
        onChange={(isOn) =>
          void change(
            'switchLocalTls',
            { to: isOn ? 'on' : 'off' },
            isOn ? 'Local ports answer TLS.' : 'Local ports answer no TLS.',
          )
        }
      />
    </>
  );
}

/** Asks the engine for a change, says how it went, and has the panels show it. */
function useChange() {
  const bridge = useBridge();
  const announce = useAnnounce();
  const queries = useQueryClient();
  return async <M extends Method>(method: M, params: Params<M>, done: string): Promise<void> => {
    try {
      await bridge.call(method, params);
      announce(done);
    } catch (thrown) {
      announce(toAppError(thrown).message);
    } finally {
      await queries.invalidateQueries({ queryKey: ['connection'] });
    }
  };
}
