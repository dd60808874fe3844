'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');

const { appId, expectRefusal, keys, useServer } = require('../harness');
const { openTab } = require('../harness/browser-tab');

const server = useServer();
const byIds = () => ({ appId, apiKey: keys.JS, serverURL: server.url });

let folder;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vestibule-tabs-'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

let stores = 0;

function newStore() {
  stores += 1;
  return path.join(folder, `store-${stores}.json`);
}

/** What the SDK has put into the browser's storage under one name. */
function stored(store, name = `Backendless_${appId}`) {
  return JSON.parse(JSON.parse(fs.readFileSync(store, 'utf8'))[name]);
}

test('a user who stays logged in is still there after a restart of the client', async () => {
  const account = await server.register();
  const store = newStore();
  const tab = await openTab(store, byIds());
  const user = await tab.users('login', account.email, account.password, true);
  await tab.close();
  assert.deepEqual(stored(store), {
    stayLoggedIn: true,
    'user-token': user['user-token'],
    'current-user-id': account.objectId,
  });

  const reopened = await openTab(store, byIds());

  // The stored token rides on GET /info, before anything else.
  assert.ok(await reopened.info());
  assert.equal(await reopened.users('isValidLogin'), true);
  assert.equal(await reopened.users('getCurrentUserToken'), user['user-token']);
  assert.equal((await reopened.users('getCurrentUser')).email, account.email);
  await reopened.close();
});

test('a guest who stays logged in is still the same guest after a restart', async () => {
  const store = newStore();
  const tab = await openTab(store, byIds());
  const guest = await tab.users('loginAsGuest', true);
  await tab.close();

  const reopened = await openTab(store, byIds());

  assert.equal(await reopened.users('isValidLogin'), true);
  const user = await reopened.users('getCurrentUser', true);
  assert.equal(user.objectId, guest.objectId);
  assert.equal(user.userStatus, 'GUEST');
  await reopened.close();
});

test('a user who did not want to stay is gone after a restart', async () => {
  const account = await server.register();
  const store = newStore();
  const tab = await openTab(store, byIds());
  await tab.users('login', account.email, account.password);
  await tab.close();

  const reopened = await openTab(store, byIds());

  assert.equal(await reopened.users('getCurrentUser'), null);
  assert.equal(await reopened.users('isValidLogin'), false);
  await reopened.close();
});

test('the domain form keeps its login under a name of its own', async () => {
  const store = newStore();
  const tab = await openTab(store, server.url);
  const guest = await tab.users('loginAsGuest', true);
  await tab.close();
  assert.equal(stored(store, 'Backendless')['current-user-id'], guest.objectId);

  const reopened = await openTab(store, server.url);

  assert.equal(await reopened.users('isValidLogin'), true);
  await reopened.close();
});

test('a stored token that died meanwhile harms nobody', async () => {
  const account = await server.register();
  const store = newStore();
  const tab = await openTab(store, byIds());
  const user = await tab.users('login', account.email, account.password, true);
  await tab.close();
  await server.call('GET', '/users/logout', { token: user['user-token'] });

  const reopened = await openTab(store, byIds());

  assert.ok(await reopened.info());
  assert.equal(await reopened.users('isValidLogin'), false);
  await assert.rejects(reopened.users('getCurrentUser', true), { code: 3064, status: 401 });
  const again = await reopened.users('login', account.email, account.password, true);
  assert.notEqual(again['user-token'], user['user-token']);
  assert.equal(await reopened.users('isValidLogin'), true);
  await reopened.close();
});

test('a logout is remembered over a restart', async () => {
  const store = newStore();
  const tab = await openTab(store, byIds());
  await tab.users('loginAsGuest', true);
  await tab.users('logout');
  await tab.close();

  const reopened = await openTab(store, byIds());

  assert.equal(await reopened.users('getCurrentUser'), null);
  await reopened.close();
});

test('users, passwords and sessions outlive a restart of the server', async () => {
  const { account, token } = await server.registerAndLogIn();
  const leaver = await server.registerAndLogIn();
  await leaver.client.Users.logout();

  await server.restart();

  assert.equal(await server.isAlive(token), true);
  assert.equal(await server.isAlive(leaver.token), false);
  const client = await server.client();
  await expectRefusal(client.Users.login(account.email, 'wrong'), { code: 3003 });
  const user = await client.Users.login(account.email, account.password);
  assert.equal(user.objectId, account.objectId);
});

test('settings that were changed outlive a restart of the server', async () => {
  const changed = await server.configure({ login: { lockAfterFailedLogins: 7 } });

  await server.restart();

  assert.equal(changed.login.lockAfterFailedLogins, 7);
  assert.deepEqual(await server.settings(), changed);
});
