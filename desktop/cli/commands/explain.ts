import { type Command, exitCodes, print } from '../command.ts';
import { explanationText } from '../explanation-text.ts';

/** `daam explain` */
export const explainCommand: Command = {
  name: 'explain',
  summary: 'What would happen to a statement: verdict, tables, masks, the rule that refuses.',
  usage: 'explain <database> "<sql>" [--as USER] [--json]',
  details: `
Nothing is run. The agent of the database decides as it would for a session that
you open now, and says why.

  --as USER    as somebody else, by e-mail or id (administrators; is recorded)

Administrators also see the text that would go to the server.`,
  options: { as: { type: 'string' } },
  positionals: { min: 2, max: 2 },
  run: async (context) => {
    const [database = '', sql = ''] = context.positionals;
    const { as } = context.values;
    const client = await context.engine.api();
    const result = await client.explainStatement({
      params: { database },
      body: { sql, ...(typeof as === 'string' ? { as } : {}) },
    });
    print(context, result, explanationText(result));
    return exitCodes.done;
  },
};
