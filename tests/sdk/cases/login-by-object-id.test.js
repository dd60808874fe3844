'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { appId, expectEnvelope, expectRefusal, keys, useServer } = require('../harness');

const ONLY_CODE_RUNNER = {
  code: 2014,
  message: 'Login by object id is allowed only for Code Runner API key',
};

const server = useServer();
const serverWithoutCloudCode = useServer({ cloudCode: false });

test('the CodeRunner key logs a user in knowing nothing but the id', async () => {
  const account = await server.register();
  const runner = await server.client({ key: 'BL' });

  const user = await runner.Users.login(account.objectId);

  assert.equal(user.objectId, account.objectId);
  assert.equal(user.email, account.email);
  assert.ok(!('password' in user));
  assert.equal(await runner.Users.isValidLogin(), true);
  assert.equal(await server.isAlive(user['user-token']), true);
});

test('such a login can stay', async () => {
  const account = await server.register();
  const runner = await server.client({ key: 'BL' });

  const user = await runner.Users.login(account.objectId, true);

  assert.equal(runner.LocalCache.get('user-token'), user['user-token']);
});

for (const key of ['JS', 'REST']) {
  test(`the ${key} key is refused with 2014`, async () => {
    const { objectId } = await server.register();
    const client = await server.client({ key });

    await expectRefusal(client.Users.login(objectId), ONLY_CODE_RUNNER);

    assert.equal(await client.Users.getCurrentUser(), null);
  });
}

test('the domain form is refused with 2014', async () => {
  const { objectId } = await server.register();
  const client = await server.initApp({ domain: server.url });

  await expectRefusal(client.Users.login(objectId), ONLY_CODE_RUNNER);
});

test('another key is told 2014 whether or not the id exists', async () => {
  const client = await server.client();

  await expectRefusal(client.Users.login('NO-SUCH-USER'), ONLY_CODE_RUNNER);
});

test('a session of the very user is no way around the key', async () => {
  const { client, account, token } = await server.registerAndLogIn();

  await expectRefusal(client.Users.login(account.objectId), ONLY_CODE_RUNNER);

  assert.equal(await server.isAlive(token), true);
});

test('an unknown id is refused with 3057', async () => {
  const runner = await server.client({ key: 'BL' });

  await expectRefusal(runner.Users.login('01900000-0000-7000-8000-000000000000'), { code: 3057 });
});

test('a guest logged in by id is still a guest', async () => {
  const guest = await (await server.client()).Users.loginAsGuest();
  const runner = await server.client({ key: 'BL' });

  const user = await runner.Users.login(guest.objectId);

  assert.equal(user.userStatus, 'GUEST');
  const { body: roles } = await server.call('GET', '/users/userroles', {
    token: user['user-token'],
  });
  assert.deepEqual(roles.sort(), ['GuestUser', 'JSUser']);
});

test('a disabled user cannot be logged in by id', async () => {
  const { objectId } = await server.register();
  const runner = await server.client({ key: 'BL' });
  await runner.Users.disableUser(objectId);

  await expectRefusal(runner.Users.login(objectId), { code: 3090 });
});

test('the lock after failed logins does not bind a login by id', async () => {
  await server.configure({ login: { lockAfterFailedLogins: 1 } });
  const account = await server.register();
  const client = await server.client();
  await expectRefusal(client.Users.login(account.email, 'wrong'), { code: 3003 });
  await expectRefusal(client.Users.login(account.email, account.password), { code: 3036 });

  const runner = await server.client({ key: 'BL' });

  assert.equal((await runner.Users.login(account.objectId)).objectId, account.objectId);
});

test('the settings for several logins bind a login by id', async () => {
  const { account, token } = await server.registerAndLogIn();
  const runner = await server.client({ key: 'BL' });

  await server.configure({ login: { rejectSecondLogin: true } });
  await expectRefusal(runner.Users.login(account.objectId), { code: 3002 });
  assert.equal(await server.isAlive(token), true);

  await server.configure({ login: { rejectSecondLogin: false } });
  await runner.Users.login(account.objectId);
  assert.equal(await server.isAlive(token), false);
});

test('without a configured CodeRunner key there is none to guess', async () => {
  const { objectId } = await serverWithoutCloudCode.register();
  const login = (key) =>
    serverWithoutCloudCode.send('POST', `/${appId}/${key}/users/login`, { json: { objectId } });

  expectEnvelope(await login(keys.BL), { code: 2002 });
  expectEnvelope(await login('BL'), { code: 2002 });
  expectEnvelope(await login(keys.JS), ONLY_CODE_RUNNER);
});
