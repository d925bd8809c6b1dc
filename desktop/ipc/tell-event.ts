import type { ServerMessage } from './messages.ts';
import { events } from './schema.ts';
import type { BridgeEvent } from './schema.ts';

/** The message of an event; null when the backend says more or less than the schema, since then nothing may cross. */
export function tellEvent({ event, payload }: BridgeEvent): ServerMessage | null {
  const parsed = events[event].safeParse(payload);
  return parsed.success ? { kind: 'event', event, payload: parsed.data } : null;
}
