import { describe } from 'vitest';
import { connectInMemory } from './memory-transport.ts';
import { testBridgeContract } from './testing/bridge-contract.ts';

describe('the in-memory transport', () => {
  testBridgeContract(async (backend) => {
    const bridge = connectInMemory(backend);
    return { bridge, [Symbol.asyncDispose]: async () => bridge.close() };
  });
});
