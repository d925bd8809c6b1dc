/** The directions of docs/ARCHITECTURE.md, section 1. Each rule says why. */
const programs = ['agent', 'relay', 'control-plane', 'desktop'];

/** Files that only tests load. */
const tests = '(\\.test\\.tsx?$|^e2e/specs/|^[^/]+/testing/)';

const programRules = programs.map((program) => ({
  name: `${program}-stands-alone`,
  comment:
    'The programs run on different machines, owned by different people. They meet only in shared and on the wire; ' +
    'an import would deploy one inside the other.',
  severity: 'error',
  from: { path: `^${program}/` },
  to: { path: `^(${[...programs.filter((other) => other !== program), 'e2e'].join('|')})/` },
}));

/** Lower layers first; a layer imports only lower ones and itself. */
const layers = [
  ['base', 'errors'],
  ['domain', 'pgwire'],
  ['policy', 'sql', 'identity', 'audit', 'relay-protocol'],
  ['api'],
];

const layerRules = layers.slice(0, -1).map((layer, index) => ({
  name: `shared-${layer.join('-')}-below-the-rest`,
  comment:
    'shared is layered, so that each folder can be read, tested and reviewed with only what is below it.',
  severity: 'error',
  from: { path: `^shared/(${layer.join('|')})/`, pathNot: tests },
  to: {
    path: `^shared/(${layers
      .slice(index + 1)
      .flat()
      .join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...programRules,
    ...layerRules,
    {
      name: 'shared-below-the-programs',
      comment: 'shared is what the programs agree on; it cannot know them.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: `^(${[...programs, 'e2e', 'scripts'].join('|')})/` },
    },
    {
      name: 'shared-is-pure',
      comment:
        'No sockets, files, timers or environment in shared: it runs in Node, Electron and the browser, and is tested without any of them. ' +
        'Bytes and cryptography are computation. The sidecar’s process is the one exception: engine and agent share its owner.',
      severity: 'error',
      from: {
        path: '^shared/',
        pathNot: `${tests}|^shared/wireguard/sidecar-(file|process|supervisor)\\.ts$`,
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'testing-in-tests-only',
      comment: 'Fakes and test servers must never ship in a program.',
      severity: 'error',
      from: { pathNot: [tests, '^e2e/dev-env/', '^e2e/bench/', '^e2e/prove/'] },
      to: { path: '^[^/]+/testing/' },
    },
    {
      name: 'dev-env-uses-the-embedded-server-only',
      comment:
        'The development environment starts real servers; of the testing folder it needs nothing else.',
      severity: 'error',
      from: { path: '^e2e/(dev-env|bench)/', pathNot: tests },
      to: { path: '^shared/testing/', pathNot: '^shared/testing/embedded-postgres\\.ts$' },
    },
    {
      name: 'e2e-builds-programs-by-their-app',
      comment: 'A program is started as its main does it; what it is made of is its own business.',
      severity: 'error',
      from: { path: '^e2e/' },
      to: {
        path: `^(${programs.join('|')})/`,
        pathNot:
          '^(agent|relay|control-plane)/(app|config|main)\\.ts$|^desktop/(engine|web|cli|ipc|main|packaging)/',
      },
    },
    {
      name: 'electron-in-the-shell-only',
      comment:
        'Engine, bridge and screens run without Electron, in tests, on the command line and in a browser. Types do not run.',
      severity: 'error',
      from: { pathNot: '^desktop/(main/main|preload/preload)\\.ts$' },
      to: { path: 'node_modules/electron/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-web-socket-in-the-shell',
      comment:
        'What serves the app to a browser must not be in the packed app: there it would be one more way in.',
      severity: 'error',
      from: { path: '^desktop/(main|preload|packaging)/' },
      to: { path: '^desktop/(web/(app|bridge-socket)|ipc/web-socket-transport)\\.ts$', reachable: true },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no bottom to start reading from, and its load order decides what is undefined.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that resolves to nothing fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-in-code',
      comment: 'A test runs when it is imported.',
      severity: 'error',
      from: { pathNot: '\\.(test|spec)\\.tsx?$' },
      to: { path: '\\.(test|spec)\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/\\.vite)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
