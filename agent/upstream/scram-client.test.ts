import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import { codeOf, codeOfAsync } from '@daam/shared/testing/code-of';
import { describe, expect, it } from 'vitest';
import { bindingHash } from './channel-binding.ts';
import { startScram } from '@daam/shared/pgwire/scram-client';
import { scramVerifier } from '@daam/shared/pgwire/scram-verifier';

/** The example of RFC 7677 section 3, but for the user name, which PostgreSQL takes from the start-up packet. */
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const serverNonce = `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const serverFirst = `r=${serverNonce},s=${salt},i=4096`;
const password = new Secret('pencil');

function start(channelBinding: Buffer | null = null, bindingNotOffered = false) {
  return startScram({ password, nonce, channelBinding, bindingNotOffered });
}

/** Both proofs, by the formulas of RFC 5802 section 3. */
function expectedProofs(withoutProof: string): { proof: string; signature: string } {
  const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4_096, 32, 'sha256');
  const clientKey = mac(salted, 'Client Key');
  const authMessage = `n=,r=${nonce},${serverFirst},${withoutProof}`;
  const signature = mac(createHash('sha256').update(clientKey).digest(), authMessage);
  return {
    proof: Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64'),
    signature: mac(mac(salted, 'Server Key'), authMessage).toString('base64'),
  };
}

describe('startScram', () => {
  it('proves the password and checks that the server knows it', async () => {
    const scram = start();
    expect(scram.mechanism).toBe('SCRAM-SHA-256');
    expect(scram.first.toString()).toBe(`n,,n=,r=${nonce}`);
    const final = (await scram.answer(Buffer.from(serverFirst))).toString();
    const withoutProof = `c=biws,r=${serverNonce}`;
    const { proof, signature } = expectedProofs(withoutProof);
    expect(final).toBe(`${withoutProof},p=${proof}`);
    expect(codeOf(() => scram.verify(Buffer.from(`v=${signature}`)))).toBeNull();
  });

  it('binds to the certificate when it can', async () => {
    const scram = start(Buffer.alloc(32, 9));
    expect(scram.mechanism).toBe('SCRAM-SHA-256-PLUS');
    expect(scram.first.toString()).toBe(`p=tls-server-end-point,,n=,r=${nonce}`);
    const binding = Buffer.concat([Buffer.from('p=tls-server-end-point,,'), Buffer.alloc(32, 9)]).toString(
      'base64',
    );
    expect((await scram.answer(Buffer.from(serverFirst))).toString()).toContain(`c=${binding},r=`);
  });

  it('tells the server when binding was not offered', () => {
    expect(start(null, true).first.toString()).toBe(`y,,n=,r=${nonce}`);
  });

  it.each([
    ['v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['v='],
    ['v=AAAA'],
    ['e=invalid-proof'],
    [''],
  ])('refuses the server-final-message %j', async (text) => {
    const scram = start();
    await scram.answer(Buffer.from(serverFirst));
    expect(codeOf(() => scram.verify(Buffer.from(text)))).toBe('UPSTREAM_AUTH_FAILED');
  });

  it('refuses a server signature before there was anything to sign', () => {
    expect(codeOf(() => start().verify(Buffer.from(`v=${'A'.repeat(43)}=`)))).toBe('UPSTREAM_AUTH_FAILED');
  });

  it.each([
    ['a nonce that is only ours', `r=${nonce},s=${salt},i=4096`],
    ['a nonce that does not begin with ours', `r=x${serverNonce},s=${salt},i=4096`],
    ['no salt', `r=${serverNonce},s=,i=4096`],
    ['no iterations', `r=${serverNonce},s=${salt},i=0`],
    ['negative iterations', `r=${serverNonce},s=${salt},i=-1`],
    ['iterations above the ceiling', `r=${serverNonce},s=${salt},i=1000001`],
    ['iterations that wrap', `r=${serverNonce},s=${salt},i=4294967297`],
    ['a mandatory extension', `m=x,r=${serverNonce},s=${salt},i=4096`],
    ['an extension behind', `r=${serverNonce},s=${salt},i=4096,x=y`],
    ['a line break', `${serverFirst}\n`],
    ['an endless nonce', `r=${nonce}${'x'.repeat(2_000)},s=${salt},i=4096`],
    ['nothing', ''],
  ])('refuses a server-first-message with %s', async (_what, text) => {
    expect(await codeOfAsync(start().answer(Buffer.from(text)))).toBe('UPSTREAM_AUTH_FAILED');
  });

  it.each(['', 'naïve', 'a\nb'])('refuses the password %j, which it could not normalize', async (text) => {
    const scram = startScram({
      password: new Secret(text),
      nonce,
      channelBinding: null,
      bindingNotOffered: false,
    });
    expect(await codeOfAsync(scram.answer(Buffer.from(serverFirst)))).toBe('INVALID_INPUT');
  });
});

describe('scramVerifier', () => {
  it('is what PostgreSQL stores', () => {
    const verifier = scramVerifier(password, Buffer.from(salt, 'base64'));
    const stored = 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=';
    const server = 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
    expect(verifier).toBe(`SCRAM-SHA-256$4096:${salt}$${stored}:${server}`);
  });

  it('does not contain the password', () => {
    expect(scramVerifier(new Secret('hunter2hunter2'), Buffer.alloc(16), 1)).not.toContain('hunter2');
  });
});

describe('bindingHash', () => {
  it.each([
    ['sha256WithRSAEncryption', 'sha256'],
    ['sha512WithRSAEncryption', 'sha512'],
    ['sha1WithRSAEncryption', 'sha256'],
    ['md5WithRSAEncryption', 'sha256'],
    ['ecdsa-with-SHA384', 'sha384'],
    ['ecdsa-with-SHA1', 'sha256'],
    ['ED25519', null],
    ['rsassaPss', null],
    ['', null],
  ])('of %s is %s', (algorithm, hash) => {
    expect(bindingHash(algorithm)).toBe(hash);
  });
});
