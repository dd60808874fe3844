'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { appId, expectEnvelope, expectRefusal, keys, useServer } = require('../harness');

const server = useServer();

test('initApp with an app id and a key loads the app info', async () => {
  const app = await server.client();

  const info = await app.appInfoPromise();

  assert.equal(typeof info, 'object');
  assert.ok(info);
  assert.equal(app.appPath, `${server.url}/${appId}/${keys.JS}`);
});

test('initApp with nothing but a domain is a whole set-up', async () => {
  // The only case on the SDK's default instance: everybody else's first line of code.
  Backendless.initApp(server.url);
  await Backendless.appInfoPromise();
  assert.equal(Backendless.appPath, `${server.url}/api`);

  const guest = await Backendless.UserService.loginAsGuest();

  assert.equal(guest.userStatus, 'GUEST');
  assert.equal(await Backendless.UserService.isValidLogin(), true);
  await Backendless.UserService.logout();
});

test('a domain with a trailing slash works, double slash and all', async () => {
  const app = await server.initApp({ domain: `${server.url}/` });
  assert.equal(app.appPath, `${server.url}//api`);

  await app.Users.loginAsGuest();

  assert.equal(await app.Users.isValidLogin(), true);
});

test('a double slash is tolerated in front of the app id as well', async () => {
  const app = await server.initApp({ appId, apiKey: keys.JS, serverURL: `${server.url}/` });

  await app.Users.loginAsGuest();

  assert.equal(await app.Users.isValidLogin(), true);
});

test('both URL forms serve the same app', async () => {
  const account = await server.register();
  const byDomain = await server.initApp({ domain: server.url });

  const user = await byDomain.Users.login(account.email, account.password);

  assert.equal(user.objectId, account.objectId);
  assert.equal(await server.isAlive(user['user-token']), true);
});

test('a call in the domain form carries the role of the JS key', async () => {
  const byDomain = await server.initApp({ domain: server.url });

  assert.ok((await byDomain.Users.getUserRoles()).includes('JSUser'));
});

test('every client key of the app is accepted', async () => {
  const app = await server.client({ key: 'REST' });

  await app.Users.loginAsGuest();

  assert.equal(await app.Users.isValidLogin(), true);
});

test('the app info is served whatever the token is worth', async () => {
  const answer = await server.call('GET', '/info', { token: 'a-token-nobody-issued' });

  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
});

test('the app info names no key but the one that asked', async () => {
  for (const answer of [await server.call('GET', '/info'), await server.send('GET', '/api/info')]) {
    assert.equal(answer.status, 200, answer.text);
    assert.ok(!answer.text.includes(keys.BL), 'the CodeRunner key leaked');
    assert.ok(!answer.text.includes(keys.REST), 'another key leaked');
  }
});

for (const [what, path] of [
  ['app id', `/5E1F0A61-0000-4000-8000-0000000BAD00/${keys.JS}`],
  ['key', `/${appId}/5E1F0A61-0000-4000-8000-0000000BAD00`],
]) {
  test(`a wrong ${what} is refused with 2002 on every route`, async () => {
    expectEnvelope(await server.send('GET', `${path}/info`), { code: 2002 });
    expectEnvelope(await server.send('POST', `${path}/users/register/guest`), { code: 2002 });
    expectEnvelope(
      await server.send('POST', `${path}/users/login`, { json: { login: 'a', password: 'b' } }),
      { code: 2002 },
    );
  });
}

test('the SDK reports a wrong key as 2002', async (t) => {
  t.mock.method(console, 'error', () => {}); // the SDK prints the failed app info itself
  const config = { appId, apiKey: 'no-such-key', serverURL: server.url, standalone: true };
  const app = Backendless.initApp(config);

  await expectRefusal(app.appInfoPromise(), { code: 2002 });
  await expectRefusal(app.Users.loginAsGuest(), { code: 2002 });
});
