'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, freshEmail, PASSWORD, useServer } = require('../harness');

let victim;

const server = useServer({}, async (started) => {
  victim = await started.registerAndLogIn({ name: 'Ada' });
});

const login = (json) => server.call('POST', '/users/login', { json });
const register = (json) => server.call('POST', '/users/register', { json });
const update = (json) =>
  server.call('PUT', `/users/${victim.account.objectId}`, { json, token: victim.token });

async function expectNothingStored() {
  const user = await victim.client.Users.getCurrentUser(true);
  assert.equal(user.name, 'Ada');
  assert.equal(user.email, victim.account.email);
}

for (const wrong of [true, false, [], ['a@example.com'], {}, { $ne: null }]) {
  const what = JSON.stringify(wrong);

  test(`${what} is neither a login nor a password`, async () => {
    expectEnvelope(await login({ login: wrong, password: PASSWORD }), { status: 400 });
    expectEnvelope(await login({ login: victim.account.email, password: wrong }), { status: 400 });
  });

  test(`${what} is neither an e-mail address nor a password nor a name of a new user`, async () => {
    expectEnvelope(await register({ email: wrong, password: PASSWORD }), { status: 400 });
    expectEnvelope(await register({ email: freshEmail(), password: wrong }), { status: 400 });
    expectEnvelope(await register({ email: freshEmail(), password: PASSWORD, name: wrong }), {
      status: 400,
    });
  });

  test(`${what} is no value for a text of a user`, async () => {
    for (const property of ['email', 'name', 'password']) {
      expectEnvelope(await update({ [property]: wrong }), { status: 400 });
    }
    await expectNothingStored();
  });

  test(`${what} is no id to log in by`, async () => {
    const json = { objectId: wrong };
    expectEnvelope(await server.call('POST', '/users/login', { json, key: 'BL' }));
    expectEnvelope(await login(json));
  });
}

test('NUL bytes in values are refused and store nothing', async () => {
  expectEnvelope(await register({ email: `\u0000${freshEmail()}`, password: PASSWORD }), {
    status: 400,
  });
  expectEnvelope(await register({ email: freshEmail(), password: PASSWORD, name: 'A\u0000' }), {
    status: 400,
  });
  expectEnvelope(await update({ name: 'Eve\u0000Mallory' }), { status: 400 });
  expectEnvelope(await update({ email: `eve\u0000${victim.account.email}` }), { status: 400 });
  await expectNothingStored();
});

test('NUL bytes log nobody in', async () => {
  const { email, password } = victim.account;

  expectEnvelope(await login({ login: `${email}\u0000`, password }));
  expectEnvelope(await login({ login: email, password: `${password}\u0000` }));
  expectEnvelope(await login({ login: `${email}\u0000x`, password: `${password}\u0000x` }));
});

test('NUL bytes in a path are an id like any other that does not exist', async () => {
  const { token } = victim;

  expectEnvelope(await server.call('GET', '/data/Users/%00', { token }));
  expectEnvelope(await server.call('GET', '/users/%00', { token }));
  expectEnvelope(await server.call('PUT', '/users/%00', { token, json: { name: 'Eve' } }));
  assert.equal((await server.call('GET', '/users/isvalidusertoken/%00')).body, false);
});

test('properties named like system columns are ignored at registration', async () => {
  const forged = {
    ...{ created: 1, updated: 2, lastLogin: 3, ownerId: 'SOMEBODY', userStatus: 'DISABLED' },
    ...{ socialAccount: 'FACEBOOK', oAuthIdentities: { google: 1 } },
    ...{ ___class: 'Admins', 'user-token': 'forged' },
  };

  const user = await server.register(forged);

  assert.ok(Math.abs(Date.now() - user.created) < 120_000);
  assert.equal(user.updated, null);
  assert.equal(user.lastLogin, null);
  assert.equal(user.ownerId, user.objectId);
  assert.equal(user.userStatus, 'ENABLED');
  assert.equal(user.socialAccount, 'BACKENDLESS');
  assert.equal(user.oAuthIdentities, null);
  assert.equal(user.___class, 'Users');
  assert.ok(!('user-token' in user));
  assert.equal((await login({ login: user.email, password: user.password })).status, 200);
});

test('the wrong type does not matter in a property that is ignored', async () => {
  const user = await server.register({
    created: {},
    updated: 'never',
    userStatus: [],
    lastLogin: 'x',
  });

  assert.equal(user.userStatus, 'ENABLED');
});

test('text that means something to SQL means nothing in a value', async () => {
  const name = 'Robert\'); DROP TABLE Users; -- " ` \\ % _ ${name} {{7*7}} \u2028 🦊';

  const user = await server.register({ name });
  assert.equal(user.name, name);

  expectEnvelope(await login({ login: "' OR '1'='1", password: "' OR '1'='1" }), { code: 3003 });
  expectEnvelope(await login({ login: '%', password: PASSWORD }), { code: 3003 });
});

test('names that mean something to JavaScript or SQL break nothing', async () => {
  for (const property of [
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    'a b',
    'a.b',
    'name"; --',
    '`',
    'é',
  ]) {
    const raw = `{${JSON.stringify(property)}:1}`;
    const { token, account } = victim;
    const answer = await server.call('PUT', `/users/${account.objectId}`, { raw, token });
    assert.ok(answer.status < 500, `${property}: ${answer.status} ${answer.text}`);
    if (answer.status >= 300) {
      expectEnvelope(answer);
    }
  }
  await expectNothingStored();
});
