/** The agent as a process of its own, to be killed: `agent-main.ts <agent.yaml> <port>`. Prints its port when it listens. */
import { openAgent } from './open-agent.ts';

const [configPath = '', port = '0'] = process.argv.slice(2);
const agent = await openAgent(configPath, { port: Number(port) });
process.stdout.write(`${agent.listen.port}\n`);
