/** What a person does once the tunnel is there: PostgreSQL over the local port. */
import { Client } from 'pg';

/** Connects; the caller ends it. Errors that come later are the test's to see in its queries. */
export async function connectShop(port: number): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port, user: 'anyone', database: 'shop' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** One masked address, to see that it is the agent that answers. */
export async function maskedEmail(port: number): Promise<string> {
  const client = await connectShop(port);
  try {
    const { rows } = await client.query<{ email: string }>('select email from customers where id = 1');
    return rows[0]?.email ?? '';
  } finally {
    await client.end();
  }
}
