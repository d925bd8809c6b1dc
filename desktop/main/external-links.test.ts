import { silentLogger } from '@daam/shared/base/logger';
import { describe, expect, it } from 'vitest';
import { ExternalLinks } from './external-links.ts';
import { RecordingElectron } from './testing/recording-electron.ts';

function links(...allowed: string[]) {
  const electron = new RecordingElectron();
  const external = new ExternalLinks({ shell: electron.port.shell, logger: silentLogger });
  for (const url of allowed) external.allow(url);
  return { external, opened: electron.opened };
}

describe('a page outside of the app', () => {
  it('of the control plane opens in the system’s browser', () => {
    const { external, opened } = links('https://daam.example.com/auth/authorize?x=1');
    expect(external.open('https://daam.example.com/approve#r1')).toBe(true);
    expect(opened).toEqual(['https://daam.example.com/approve#r1']);
  });

  it('of a control plane that was only looked at is the one of its invitations', () => {
    const { external, opened } = links();
    external.allowInvitations('https://new.example.com');
    expect(external.open('https://new.example.com/enroll#secret')).toBe(true);
    for (const page of ['/', '/enroll/x', '/enroll?next=x', '/x#/enroll'])
      expect(external.open(`https://new.example.com${page}`)).toBe(false);
    expect(opened).toEqual(['https://new.example.com/enroll#secret']);
  });

  it('of this machine opens by http', () => {
    const { external, opened } = links('http://localhost:7400');
    external.open('http://localhost:7400/enroll');
    expect(opened).toHaveLength(1);
  });

  it.each([
    'https://evil.example/',
    'https://daam.example.com.evil.example/',
    'https://daam.example.com:8443/',
    'https://user@daam.example.com/',
    'http://daam.example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'smb://daam.example.com/share',
    'ms-msdt:/id PCWDiagnostic',
    'daam://connect/orders',
    'vbscript:x',
    'data:text/html,<script>1</script>',
    '//daam.example.com/',
    '',
  ])('%s does not open', (url) => {
    const { external, opened } = links('https://daam.example.com');
    expect(external.open(url)).toBe(false);
    expect(opened).toEqual([]);
  });

  it.each(['http://other.example/', 'javascript:1', 'file:///', 'not a url', 'https://a:b@c.example/'])(
    'is not allowed by being named as %s',
    (url) => {
      const { external } = links(url);
      expect(external.open(url)).toBe(false);
    },
  );
});
