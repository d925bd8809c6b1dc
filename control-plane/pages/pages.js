/**
 * The one script of the pages: asks the server for options, lets the browser use a passkey, sends the answer. No
 * framework, nothing inline. What people typed reaches the page as text alone.
 */

const main = document.querySelector('main');
const statusRegion = document.querySelector('#status');
const problemRegion = document.querySelector('#problem');

/** A refusal of the server, in its words. */
class Refusal extends Error {
  constructor({ code, message, hint }) {
    super(hint === undefined ? message : `${message} ${hint}`);
    this.code = code;
  }
}

async function send(path, body = {}) {
  const response = await fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'error',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refusal(answer.error);
  return answer;
}

async function createPasskey(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  return credential.toJSON();
}

async function usePasskey(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  return credential.toJSON();
}

function say(text) {
  statusRegion.textContent = text;
}

function fact(name, text, within = main) {
  for (const element of within.querySelectorAll(`[data-fact="${name}"]`)) element.textContent = text;
}

function list(name, lines, within = main) {
  for (const element of within.querySelectorAll(`[data-list="${name}"]`)) {
    element.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement('li');
        item.textContent = line;
        return item;
      }),
    );
  }
}

function step(name) {
  return main.querySelector(`[data-step="${name}"]`);
}

function show(name) {
  const element = step(name);
  element.hidden = false;
  element.querySelector('[tabindex="-1"]')?.focus();
}

function problemText(error) {
  if (error instanceof Refusal) return error.message;
  if (error.name === 'NotAllowedError')
    return 'No passkey was used: it was cancelled, or it took too long. Try again.';
  if (error.name === 'InvalidStateError')
    return 'This device has a passkey of yours already. Use another device.';
  if (error.name === 'SecurityError')
    return 'Passkeys do not work at this address. Open the page by its own name.';
  return 'The server cannot be reached. Check the network and try again.';
}

let isBusy = false;

/** Runs one thing at a time, and says what became of it. */
async function run(work) {
  if (isBusy) return;
  isBusy = true;
  problemRegion.hidden = true;
  setBusy('true');
  try {
    await work();
  } catch (error) {
    say('');
    problemRegion.textContent = problemText(error);
    problemRegion.hidden = false;
  } finally {
    isBusy = false;
    setBusy('false');
  }
}

function setBusy(value) {
  for (const button of main.querySelectorAll('button')) button.setAttribute('aria-disabled', value);
}

function on(action, work) {
  main.addEventListener('click', (event) => {
    const button = event.target.closest(`[data-action="${action}"]`);
    if (button !== null) void run(async () => await work(button));
  });
}

function onSubmit(name, work) {
  main.addEventListener('submit', (event) => {
    const form = event.target.closest(`form[data-step="${name}"]`);
    if (form === null) return;
    event.preventDefault();
    void run(async () => await work(form));
  });
}

function reloadAndSay(text) {
  sessionStorage.setItem('said', text);
  location.reload();
}

/** One decision, filled into a copy of its template; `place` is its number where there are several. */
function shownDecision({ gives, asked, ...facts }, place) {
  const part = document.createElement('div');
  part.append(main.querySelector('[data-template="decision"]').content.cloneNode(true));
  const texts = { ...facts, place: place === null ? null : `Request ${place}` };
  for (const [name, text] of Object.entries(texts)) {
    fact(name, text ?? '', part);
    for (const element of part.querySelectorAll(`[data-has="${name}"]`)) element.hidden = text === null;
  }
  list('gives', gives, part);
  list('asked', asked, part);
  part.querySelector('[data-when="changed"]').hidden = asked.length === 0;
  for (const each of ['approve', 'deny']) {
    for (const element of part.querySelectorAll(`[data-when="${each}"]`))
      element.hidden = facts.decision !== each;
  }
  return part;
}

/** Screens that a link may lead to, as their addresses in the app and in the console; what it names is one segment of each. */
const screens = {
  connect: (name) => ({ app: `connect/${name}`, console: `/databases/${name}`, what: 'a database' }),
  query: (name) => ({ app: `query?db=${name}`, console: `/query?db=${name}`, what: 'the query editor' }),
  request: (id) => ({ app: `request/${id}`, console: `/requests/${id}`, what: 'an access request' }),
  review: (id) => ({ app: `review/${id}`, console: `/requests/${id}`, what: 'an access request' }),
  session: (id) => ({ app: `session/${id}`, console: `/admin/sessions/${id}`, what: 'a recorded session' }),
};

function readScreen(fragment) {
  const [, kind, encoded] = /^#([a-z]+)\/([^/?#]{1,300})$/.exec(fragment) ?? [];
  if (kind === undefined || !Object.hasOwn(screens, kind)) return null;
  try {
    const name = decodeURIComponent(encoded);
    return /\p{Cc}/u.test(name) ? null : { ...screens[kind](encodeURIComponent(name)), name };
  } catch {
    return null;
  }
}

const goBack = 'Go back to where you came from, and start again.';

const pages = {
  authorize() {
    // What the page shows, never the address: two parsers may read that differently.
    const query = JSON.parse(main.querySelector('[data-query]').dataset.query);
    on('passkey', async () => {
      say('Waiting for your passkey…');
      const { flow, publicKey } = await send('/auth/authorize/begin', query);
      const credential = await usePasskey(publicKey);
      const { redirect } = await send('/auth/authorize/finish', { flow, credential });
      say('You are signed in. You can close this page and go back to the app.');
      for (const element of main.querySelectorAll('.actions, .match')) element.hidden = true;
      location.assign(redirect);
    });
    on('refuse', async () => {
      const back = new URL(query.redirect_uri);
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('state', query.state);
      location.assign(back);
    });
  },

  'sign-in'() {
    on('passkey', async () => {
      say('Waiting for your passkey…');
      const { flow, publicKey } = await send('/auth/session/begin');
      const credential = await usePasskey(publicKey);
      await send('/auth/session/finish', { flow, credential });
      location.reload();
    });
  },

  device() {
    let begun = null;
    onSubmit('code', async (form) => {
      const org = form.elements.org.value.trim();
      const body = { user_code: form.elements.user_code.value, ...(org === '' ? {} : { org }) };
      try {
        begun = await send('/device/begin', body);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'INVALID_INPUT' || org !== '') throw error;
        const isOrganization = error.message.includes('organization');
        if (isOrganization) form.querySelector('[data-organization]').hidden = false;
        throw error;
      }
      for (const [name, text] of Object.entries(begun.device)) fact(name, text);
      form.hidden = true;
      show('confirm');
    });
    on('passkey', async () => {
      say('Waiting for your passkey…');
      const { flow, publicKey } = begun;
      const credential = await usePasskey(publicKey);
      const { email } = await send('/device/finish', { flow, credential });
      step('confirm').hidden = true;
      say(`The device is signed in as ${email}. You can close this page.`);
    });
    on('refuse', async () => {
      await send('/device/refuse', { flow: begun.flow });
      step('confirm').hidden = true;
      say('The device was refused.');
    });
  },

  enroll() {
    const invitation = location.hash.slice(1);
    main.querySelector('[data-link="join"]').href = `daam://join?at=${encodeURIComponent(location.origin)}`;
    // The secret leaves the address bar and the history.
    history.replaceState(null, '', location.pathname);
    let begun = null;
    const begin = async () => {
      begun = await send('/enroll/begin', { invitation });
      fact('email', begun.email);
      fact('org', begun.org);
      step('invited').hidden = false;
    };
    void run(begin);
    on('passkey', async () => {
      const name = main.querySelector('#name').value.trim() || 'My passkey';
      say('Waiting for your device…');
      try {
        const credential = await createPasskey(begun.publicKey);
        const made = await send('/enroll/finish', { flow: begun.flow, credential, name });
        fact('fingerprint', made.fingerprint);
        main.querySelector('[data-when="first"]').hidden = !made.isFirst;
        main.querySelector('[data-when="later"]').hidden = made.isFirst;
      } catch (error) {
        // What was begun is used up, or will be too old: begin again.
        if (error instanceof Refusal) await begin().catch(() => {});
        throw error;
      }
      step('invited').hidden = true;
      say('');
      show('done');
    });
  },

  'sign-up'() {
    onSubmit('sign-up', async (form) => {
      const { name, email, code } = form.elements;
      const body = { name: name.value.trim(), adminEmail: email.value.trim() };
      if (code !== undefined && code.value !== '') body.code = code.value;
      say('Making the organization…');
      const { invitation } = await send('/api/v1/organizations', body);
      const { pathname, hash } = new URL(invitation.url);
      say('It is made. Now make your passkey.');
      // On this origin, whatever the server calls itself: the secret of the invitation goes nowhere else.
      location.assign(pathname + hash);
    });
  },

  open() {
    const screen = readScreen(location.hash);
    if (screen === null) return show('unknown');
    fact('what', screen.what);
    fact('name', screen.name);
    main.querySelector('[data-link="app"]').href = `daam://${screen.app}`;
    main.querySelector('[data-link="console"]').href = `/console/#${screen.console}`;
    show('choose');
  },

  account() {
    let endorsing = null;
    onSubmit('add', async (form) => {
      const name = form.elements.name.value.trim();
      say('Make the new passkey…');
      const { flow, publicKey } = await send('/account/passkeys/begin');
      const credential = await createPasskey(publicKey);
      endorsing = await send('/account/passkeys/endorse', { flow, credential, name });
      fact('fingerprint', endorsing.fingerprint);
      form.hidden = true;
      say('');
      show('confirm');
    });
    on('confirm', async () => {
      say('Waiting for one of your other passkeys…');
      const credential = await usePasskey(endorsing.publicKey);
      await send('/account/passkeys/finish', { flow: endorsing.flow, credential });
      reloadAndSay('The new passkey was added.');
    });
    on('remove-passkey', async (button) => {
      if (!confirmAgain(button, 'Remove it: devices that signed in with it are signed out')) return;
      await send('/account/passkeys/remove', { passkey: button.dataset.id });
      reloadAndSay('The passkey was removed.');
    });
    on('remove-device', async (button) => {
      if (!confirmAgain(button, 'Remove it: its connections close now')) return;
      await send('/account/devices/remove', { device: button.dataset.id });
      reloadAndSay('The device was removed.');
    });
    onSubmit('rename', async (form) => {
      const name = form.elements.name.value.trim();
      await send('/account/devices/rename', { device: form.dataset.id, name });
      reloadAndSay('The device has a new name.');
    });
  },

  decision() {
    const flow = location.hash.slice(1);
    history.replaceState(null, '', location.pathname);
    let begun = null;
    void run(async () => {
      if (flow === '') throw new Refusal({ message: 'This page shows its decision once.', hint: goBack });
      begun = await send('/approve/begin', { flow });
      const { decisions } = begun;
      const verb = decisions[0].decision === 'approve' ? 'Approve' : 'Deny';
      const isOne = decisions.length === 1;
      fact('heading', isOne ? `${verb} this access?` : `${verb} these ${decisions.length} requests?`);
      fact('button', isOne ? `${verb} with a passkey` : `${verb} all ${decisions.length} with a passkey`);
      fact(
        'signs',
        `Your passkey signs ${isOne ? 'this decision, with these terms' : 'each of these decisions, with its terms'} and no others. Continue only if you started it yourself.`,
      );
      main
        .querySelector('[data-each="decision"]')
        .replaceChildren(...decisions.map((decision, at) => shownDecision(decision, isOne ? null : at + 1)));
      show('decide');
    });
    on('passkey', async () => {
      say('Waiting for your passkey…');
      const credential = await usePasskey(begun.publicKey);
      await send('/approve/finish', { flow, credential });
      step('decide').hidden = true;
      const done = begun.decisions[0].decision === 'approve' ? 'Approved.' : 'Denied.';
      say(`${done} You can close this page.`);
    });
    on('refuse', async () => {
      step('decide').hidden = true;
      say('Nothing was decided. You can close this page.');
    });
  },

  publication() {
    const flow = location.hash.slice(1);
    history.replaceState(null, '', location.pathname);
    let begun = null;
    void run(async () => {
      if (flow === '') throw new Refusal({ message: 'This page shows its publication once.', hint: goBack });
      begun = await send('/publish/begin', { flow });
      const { changes, ...facts } = begun.publication;
      for (const [name, text] of Object.entries(facts)) {
        fact(name, text ?? '');
        for (const element of main.querySelectorAll(`[data-has="${name}"]`)) element.hidden = text === null;
      }
      list('changes', changes);
      show('publish');
    });
    on('passkey', async () => {
      say('Waiting for your passkey…');
      const credential = await usePasskey(begun.publicKey);
      const { revision } = await send('/publish/finish', { flow, credential });
      step('publish').hidden = true;
      say(`Published: revision ${revision} is in force. You can close this page.`);
    });
    on('refuse', async () => {
      step('publish').hidden = true;
      say('Nothing was published. You can close this page.');
    });
  },

  approvals() {
    on('approve', async (button) => {
      say('Waiting for your passkey…');
      const { flow, publicKey } = await send('/admin/passkeys/begin', { passkey: button.dataset.id });
      const credential = await usePasskey(publicKey);
      const { fingerprint } = await send('/admin/passkeys/finish', { flow, credential });
      reloadAndSay(`Approved: ${fingerprint}`);
    });
  },
};

/** The first press asks, in the button's own words; the second does it. */
function confirmAgain(button, text) {
  if (button.dataset.asked === 'yes') return true;
  button.dataset.asked = 'yes';
  button.textContent = text;
  button.setAttribute('aria-label', `${text}. Press again to confirm.`);
  say(`${text}. Press again to confirm.`);
  return false;
}

document.querySelector('[data-action="sign-out"]')?.addEventListener('click', () => {
  void run(async () => {
    await send('/auth/session/end');
    location.assign('/account');
  });
});

for (const element of document.querySelectorAll('time')) {
  const at = new Date(element.dateTime);
  element.title = element.textContent;
  element.textContent = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

const said = sessionStorage.getItem('said');
sessionStorage.removeItem('said');
if (said !== null) say(said);

const canUsePasskeys =
  typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
if (!canUsePasskeys && main.querySelector('[data-action]') !== null) {
  problemRegion.textContent = 'This browser is too old for passkeys. Update it, or use another one.';
  problemRegion.hidden = false;
}
pages[main.dataset.page]?.();
