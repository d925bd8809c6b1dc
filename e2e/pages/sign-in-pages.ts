import type { Page } from 'playwright-core';
import { findViolations } from './accessibility.ts';

/** The control plane's pages for passkeys and signing in, as a person meets them: by roles and names only. */
export class SignInPages {
  readonly page: Page;
  /** What the console and the page complained about; a content security policy violation shows here. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** With a platform authenticator, and the person in front of it (WebAuthn domain of the DevTools protocol). */
  static async open(page: Page): Promise<SignInPages> {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new SignInPages(page);
  }

  /** Makes a passkey by an invitation; its fingerprint. */
  async enroll(url: string): Promise<string> {
    await this.page.goto(url);
    await this.press('Make a passkey');
    await this.page.getByRole('heading', { name: 'Your passkey is ready' }).waitFor();
    return (await this.page.locator('.fingerprint').innerText()).trim();
  }

  /** Signs in a device that asks for it; resolves on the page that the device answers with. */
  async signIn(url: string): Promise<void> {
    await this.page.goto(url);
    await this.press('Continue with a passkey');
    await this.page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback/);
  }

  /** Types the code that a device shows, compares the key's fingerprint, says yes. */
  async approveDevice(url: string, code: string, fingerprint: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByLabel('Code').fill(code);
    await this.page.keyboard.press('Enter');
    await this.page.getByText(fingerprint, { exact: true }).waitFor();
    await this.press('Sign it in with a passkey');
    await this.page.getByText('The device is signed in as').waitFor();
  }

  /** Presses a button by the keyboard. */
  async press(name: string): Promise<void> {
    const button = this.page.getByRole('button', { name });
    await button.waitFor();
    await button.focus();
    await this.page.keyboard.press('Enter');
  }

  /** What axe finds against WCAG 2.2 AA, one line a finding. */
  accessibilityFindings(): Promise<string[]> {
    return findViolations(this.page);
  }
}
