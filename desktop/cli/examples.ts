/** How each command is used, for its help: what a person writes, and what comes of it. */
export type Example = readonly [command: string, what: string];

/** By the command's name. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  login: [
    ['daam login --control-plane https://daam.example.com', 'sign in with a passkey, in the browser'],
    ['daam login --control-plane https://daam.example.com --device-code', 'on a machine without a browser'],
  ],
  databases: [['daam databases --json | jq -r .databases[].name', 'the names alone']],
  connect: [
    ['daam connect orders', 'the same port as always, until Ctrl-C'],
    [
      'daam connect orders --socket --idle 30',
      'a Unix socket that closes after half an hour without clients',
    ],
  ],
  psql: [
    ['daam psql orders', 'psql on a port of its own'],
    ['daam psql orders -- -c "select count(*) from customers"', 'with arguments for psql'],
  ],
  run: [
    ['daam run orders -- pg_dump --data-only -t public.products', 'any program that reads PGHOST and PGPORT'],
    ['daam run orders -- npm test', 'the exit code is the program’s'],
  ],
  devices: [['daam devices revoke old-laptop', 'its sessions end within a second']],
  request: [
    ['daam request new orders --tables public.payments --for 2h --reason "Refund 1207"', 'ask for a table'],
    [
      'daam request new orders --unmask public.customers.email --for 1h --reason "Bounced mail" --wait',
      'ask for real values and wait for the answer',
    ],
    ['daam request list --inbox', 'what waits for me'],
  ],
  policy: [
    ['daam policy export orders -o orders.yaml', 'the document in force, comments included'],
    ['daam policy diff -f orders.yaml', 'what the file would change, in rights'],
    [
      'daam policy apply -f orders.yaml --dry-run --statements 7',
      'for whom, and for the statements of a week',
    ],
    ['daam policy apply -f orders.yaml -m "Support sees no phones"', 'put it in force'],
    ['daam policy why orders public.customers.email', 'why I can or cannot see a column'],
  ],
  explain: [['daam explain orders "select email from customers"', 'what would happen, without running it']],
  audit: [
    ['daam audit export -o audit.jsonl', 'the whole log, in a form that can be verified'],
    ['daam audit verify audit.jsonl', 'prove it offline'],
    ['daam audit search payments --decision deny --from 2026-03-01', 'who was refused what'],
  ],
  'service-accounts': [
    [
      'daam service-accounts create ci --role admin --scopes policies:read,policies:publish',
      'prints its token, once',
    ],
    ['daam service-accounts rotate ci > token', 'the one before stays valid for a day'],
  ],
  completion: [['source <(daam completion bash)', 'complete in this shell']],
};
