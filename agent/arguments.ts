/** What `daam-agent` is asked to do, from its arguments. */
export type AgentCommand =
  | { readonly kind: 'serve' | 'help' | 'version' | 'usage' }
  | { readonly kind: 'introspect'; readonly json: boolean }
  | {
      readonly kind: 'passkeys';
      readonly approve: { readonly fingerprint: string; readonly asAdmin: boolean } | null;
      readonly json: boolean;
    };

/** Reads the arguments after the program's name. `--config` is config.ts's business. */
export function parseArguments(args: readonly string[]): AgentCommand {
  if (args.includes('--help')) return { kind: 'help' };
  if (args.includes('--version')) return { kind: 'version' };
  const isConfig = (at: number): boolean =>
    args[at] === '--config' || args[at - 1] === '--config' || (args[at]?.startsWith('--config=') ?? false);
  const rest = args.filter((_, at) => !isConfig(at));
  const options = rest.filter((arg) => arg.startsWith('--'));
  const words = rest.filter((arg) => !arg.startsWith('--'));
  const [verb, action, fingerprint] = words;
  const json = options.includes('--json');
  const allows = (count: number, ...known: readonly string[]): boolean =>
    words.length === count && options.every((option) => known.includes(option));
  if (verb === undefined && allows(0)) return { kind: 'serve' };
  if (verb === 'introspect' && allows(1, '--json')) return { kind: 'introspect', json };
  if (verb === 'passkeys' && allows(1, '--json')) return { kind: 'passkeys', approve: null, json };
  if (
    verb === 'passkeys' &&
    action === 'approve' &&
    fingerprint !== undefined &&
    allows(3, '--json', '--admin')
  )
    return { kind: 'passkeys', approve: { fingerprint, asAdmin: options.includes('--admin') }, json };
  return { kind: 'usage' };
}
