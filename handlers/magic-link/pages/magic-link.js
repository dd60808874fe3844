'use strict';

const element = (id) => document.getElementById(id);

/** The code of a link that does not work. */
const LINK_IS_DEAD = 20300;

/** The code of a session that is over. */
const SESSION_IS_OVER = 3064;

/**
 * The token of the link, which leaves the address bar at once: what is copied from there, shared or
 * kept in the history logs nobody in.
 */
function takeToken() {
  const token = window.location.hash.slice(1);
  const { pathname, search } = window.location;
  window.history.replaceState(null, '', pathname + search);
  return token;
}

/** Shows one of the two forms, or none. */
function show(form) {
  for (const id of ['log-in', 'send']) {
    element(id).hidden = id !== form;
  }
}

function tell(text) {
  element('told').textContent = text;
  element('trouble').hidden = true;
}

function complain(text) {
  element('told').textContent = '';
  element('trouble').textContent = text;
  element('trouble').hidden = false;
}

/**
 * Calls the service. Who was logged in here, a guest, say, stays so until somebody else is; if that
 * session is over, the server refuses every call with its token, so the token goes.
 */
async function invoke(method, parameters) {
  const call = () => Backendless.APIServices.invoke('magic-link', method, parameters);
  try {
    return await call();
  } catch (error) {
    if (error.code !== SESSION_IS_OVER) {
      throw error;
    }
    Backendless.UserService.setCurrentUser(null);
    return call();
  }
}

/** Uses the link up, and goes on as whoever it was mailed to. */
async function logIn(token) {
  const login = await invoke('redeem', { token });
  Backendless.UserService.setCurrentUser(login, true);
  show(null);
  tell(`You are logged in${await nameOf(login)}.`);
  element('next-link').href = document.body.dataset.next;
  element('next').hidden = false;
}

/**
 * Who is logged in: somebody else may have sent the link on. An app may let nobody read this; then
 * they are logged in all the same.
 */
async function nameOf(login) {
  try {
    const { email } = await Backendless.Data.of('Users').findById(login.objectId);
    return email ? ` as ${email}` : '';
  } catch {
    return '';
  }
}

async function sendLink() {
  const email = element('email').value;
  await invoke('send', { email });
  tell(
    `If somebody here has the address ${email}, a mail is on its way. Its link works once, for ` +
      '15 minutes. If none comes within five minutes, ask again; if you did so before, look for the newest mail.',
  );
}

/** What went wrong, in words for whoever looks at the page. */
function wordsFor(error) {
  if (error.code === LINK_IS_DEAD) {
    return 'This link does not work. A link works once, for 15 minutes, and only the newest one.';
  }
  // What the server answers says what to do; anything else did not come from it.
  return error.status ? error.message : 'The server cannot be reached. Try again in a moment.';
}

/** Does something once for each time that a form is sent, and says what went wrong. */
function on(form, act, whenItFails = () => {}) {
  const button = element(form).querySelector('button');
  element(form).addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      complain(wordsFor(error));
      whenItFails(error);
    } finally {
      button.disabled = false;
    }
  });
}

function open() {
  const token = takeToken();
  // The server of this page; another one is named here, `https://api.example.com`.
  Backendless.initApp(window.location.origin);
  // A link that may still work can be tried again; in the place of any other, there is a new one.
  const isRefused = ({ status }) => status >= 400 && status < 500;
  on('log-in', () => logIn(token), (error) => isRefused(error) && show('send'));
  on('send', sendLink);
  show(token ? 'log-in' : 'send');
  document.body.dataset.ready = 'yes';
}

// The same page, and another link of it that was pasted into the address bar.
window.addEventListener('hashchange', () => window.location.reload());

open();
