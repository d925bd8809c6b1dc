import open from 'open';

/**
 * Opens an address in the person's browser, as the system does it (BROWSER is honoured where xdg-open is). Never fails:
 * where there is no browser, the address that was printed is the way.
 */
export function openInBrowser(url: string): void {
  open(url)
    .then((child) => child.on('error', () => {}))
    .catch(() => {});
}
