import { expect, it } from 'vitest';
import { environmentOfTools } from './open-in-tool.ts';

it('gives a program nothing of what DAAM is told by its environment', () => {
  const env = {
    PATH: '/usr/bin',
    HOME: '/home/mina',
    DAAM_API_TOKEN: 'secret',
    Daam_State_Dir: '/x',
    ELECTRON_RUN_AS_NODE: '1',
    MY_DAAM_NAME: 'kept',
  };
  expect(environmentOfTools(env)).toEqual({ PATH: '/usr/bin', HOME: '/home/mina', MY_DAAM_NAME: 'kept' });
});
